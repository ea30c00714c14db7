"""The tables say what the documents say."""

from __future__ import annotations

import re

import h2.errors
import h2.settings
import pytest

from h2spec_py.spec import ORDER, FrameType, Version, in_range
from h2spec_py.spec.model import Counted, Entries, Numbers, Octets, PadLength
from h2spec_py.spec.versions import TABLES
from h2spec_py.wire.hpack import GENERATIONS
from tests.support.texts import text_of

IDS = [version.name for version in TABLES]
NO_FLAGS = {"RESERVED", "Unused"}
"""What stands among the flags of a type and is none."""


def section(version: Version, number: str) -> str:
    """Give the text of one section with what lies below it, found by its heading."""
    text = text_of(version.name)
    start = re.search(rf"(?m)^{re.escape(number)}\. +\S", text)
    assert start, f"{version.name} has no section {number}"
    headings = re.finditer(r"(?m)^([0-9]+(?:\.[0-9]+)*|[A-Z])\. +\S", text[start.end() :])
    ends = (h.start() for h in headings if not h[1].startswith(f"{number}."))
    return text[start.start() : start.end() + next(ends)]


def named(text: str) -> dict[str, int]:
    """Collect the terms of a definition list: `NAME (0x1):`, in older drafts also `NAME (1):`."""
    terms = re.findall(r"(?m)^ +(\w+) \((0x\w+|\d+)\):", text)
    return {name: int(code, 0) for name, code in terms if name not in NO_FLAGS}


@pytest.mark.parametrize("version", TABLES, ids=IDS)
def test_frame_types_flags_and_sections(version: Version) -> None:
    defined = re.findall(r"(\w+) frames? \(type=(0x\w+)\)", section(version, "6"))
    assert {name: int(code, 16) for name, code in defined} == {
        name: frame.code for name, frame in version.frames.items()
    }
    for name, frame in version.frames.items():
        assert frame.name == name
        text = section(version, frame.section)
        assert re.match(rf"(?m){re.escape(frame.section)}\. +{name}$", text)
        settings = [setting for setting in named(text) if setting.startswith("SETTINGS_")]
        flags = {flag: bit for flag, bit in named(text).items() if flag not in settings}
        assert flags == {frame.called(flag): bit for flag, bit in frame.flags.items()}, name


@pytest.mark.parametrize("version", TABLES, ids=IDS)
def test_where_each_type_belongs(version: Version) -> None:
    for frame in version.frames.values():
        text = " ".join(section(version, frame.section).split())
        not_zero = re.search(r"[Ii]dentifier (field )?(is|of|specifies the value) 0x0", text)
        zero = re.search(r"other than 0x0|identifier MUST be zero", text)
        either = re.search(r'the value "0" indicates|on stream 0 indicates|on stream 0x0 to', text)
        # A type that goes either way says what stream 0 means, and refuses no stream.
        found = {"nonzero": not_zero, "zero": zero, "either": either and not (zero or not_zero)}
        assert [place for place, words in found.items() if words] == [frame.stream], frame.name


def widths_in_figure(text: str) -> list[tuple[int, bool]]:
    """Read (bits, optional?) of each field off the figure of a payload, single bits left out."""
    figure = text.partition("[Figure")[0]
    if "Unused Flags" in figure:  # RFC 9113 draws the frame header too, up to the stream identifier
        figure = re.split(r"  Stream Identifier \(31\)(?: = 0)?,\n", figure)[1]
        found = re.findall(r"(?m)^ +(\[)?[\w -]+ \((\d+)\)(?! \.\.\.)", figure)
        widths = [(int(bits), bool(bracket)) for bracket, bits in found]
    else:
        rows = "\n".join(re.findall(r"(?m)^ +\|.*", figure))
        found = re.findall(r"\w(\?)? ?\((\d+)\)", rows)
        widths = [(int(bits), bool(mark)) for mark, bits in found]
    return [(bits, optional) for bits, optional in widths if bits > 1]


def widths_in_layout(frame: FrameType) -> list[tuple[int, bool]]:
    widths: list[tuple[int, bool]] = []
    for field in frame.layout:
        match field:
            case Numbers(fields=fields, flag=flag):
                widths += [(number.bits, flag is not None) for number in fields]
            case PadLength():
                widths.append((8, True))
            case Counted():
                widths.append((8, False))
            case Octets(length=int(octets)):
                widths.append((8 * octets, False))
            case Entries(entry=entry):
                widths += [(number.bits, False) for number in entry.fields]
    return [(bits, optional) for bits, optional in widths if bits > 1]


@pytest.mark.parametrize("version", TABLES, ids=IDS)
def test_layouts_are_those_of_the_figures(version: Version) -> None:
    for frame in version.frames.values():
        text = section(version, "6.5.1" if frame.name == "SETTINGS" else frame.section)
        drawn, laid_out = widths_in_figure(text), widths_in_layout(frame)
        if in_range("..09", version.short):  # whose figures do not mark what is optional
            laid_out = [(bits, False) for bits, _ in laid_out]
        assert drawn == laid_out, frame.name


@pytest.mark.parametrize("version", TABLES, ids=IDS)
def test_settings(version: Version) -> None:
    text = section(version, "6.5.2")
    identifiers = {name.removeprefix("SETTINGS_"): code for name, code in named(text).items()}
    assert identifiers == {name: setting.id for name, setting in version.settings.items()}
    for name, setting in version.settings.items():
        assert setting.name == name
        about = text.partition(f"SETTINGS_{name} (")[2]
        about = re.split(r"SETTINGS_\w+ \((?:0x\w+|\d+)\):", about)[0]
        flat = " ".join(about.split())
        stated = re.search(r"[Ii]nitial value (?:of \w+ )?is (?:2\^\d+(?:-1)? \()?([\d,]+)", flat)
        if setting.initial is None:
            assert re.search(r"no limit|initial value .*is unlimited", flat)
        elif stated:
            assert int(stated[1].replace(",", "")) == setting.initial
        else:
            assert name in ("INITIAL_WINDOW_SIZE", "FLOW_CONTROL_OPTIONS")
            assert in_range("..09", version.short)
        refused = re.findall(
            r"MUST (?:be treated|treat the receipt of any other value) as a connection error"
            r" \([^)]*\) of type (\w+)",
            flat,
        )
        assert refused == ([setting.error] if setting.error else [])


@pytest.mark.parametrize("version", TABLES, ids=IDS)
def test_ranges_of_settings(version: Version) -> None:
    whole = (0, 2**32 - 1)
    ranges = {
        "ENABLE_PUSH": (0, 1),
        "INITIAL_WINDOW_SIZE": (0, 2**31 - 1),
        "COMPRESS_DATA": (0, 1),
        "MAX_FRAME_SIZE": (2**14, 2**24 - 1),
    }
    for name, setting in version.settings.items():
        expected = whole if in_range("..09", version.short) else ranges.get(name, whole)
        assert (setting.minimum, setting.maximum) == expected
        assert (setting.error is None) == (expected == whole)


@pytest.mark.parametrize("version", TABLES, ids=IDS)
def test_error_codes(version: Version) -> None:
    errors = {version.called(name): code for name, code in version.errors.items()}
    assert named(section(version, "7")) == errors


ERRATA = {
    ("draft-06", "PUSH_PROMISE"): "END_PUSH_PROMISE(1)",  # 6.6 has 0x4, and A.1 the renumbering
    ("draft-14", "MAX_FRAME_SIZE"): "65536",  # 6.5.2 has 16,384
}
"""What the registries of a document say, where it is not what its definitions say."""


def registry(version: Version, title: str) -> list[list[str]]:
    """Read the rows of the table in one of the sections on IANA registries."""
    heading = re.search(rf"(?m)^(1[12]\.\d)\. +{title} Registry$", text_of(version.name))
    if heading is None:
        return []
    rows = re.findall(r"(?m)^  (.* \| .*)$", section(version, heading[1]))
    return [[cell.strip() for cell in row.split("|")] for row in rows[1:]]


@pytest.mark.parametrize("version", TABLES, ids=IDS)
def test_registry_of_frame_types(version: Version) -> None:
    rows = registry(version, "Frame Type")
    assert bool(rows) == (version.short not in ("12", "9113"))
    if not rows:
        return
    if in_range("..09", version.short):
        listed = {name: (int(code), flags) for code, name, flags, *_ in rows}
        expected = {}
        for name, frame in version.frames.items():
            flags = [f"{frame.called(flag)}({bit})" for flag, bit in frame.flags.items()]
            written = ERRATA.get((version.name, name), ", ".join(flags) or "-")
            expected[name] = (frame.code, written)
        assert listed == expected
    else:
        sections = {name: (int(code, 16), where) for name, code, where in rows}
        assert sections == {
            name: (frame.code, f"Section {frame.section}") for name, frame in version.frames.items()
        }


@pytest.mark.parametrize("version", TABLES, ids=IDS)
def test_registry_of_settings(version: Version) -> None:
    rows = registry(version, "Settings")
    assert bool(rows) == in_range("13..7540", version.short)
    for name, code, initial, _ in rows:
        setting = version.settings[name]
        expected = "(infinite)" if setting.initial is None else str(setting.initial)
        assert int(code, 16) == setting.id
        assert initial == ERRATA.get((version.name, name), expected)
    assert not rows or len(rows) == len(version.settings)


@pytest.mark.parametrize("version", TABLES, ids=IDS)
def test_registry_of_error_codes(version: Version) -> None:
    rows = registry(version, "Error Code")
    assert bool(rows) == in_range("13..7540", version.short)
    assert not rows or {name: int(code, 16) for name, code, *_ in rows} == version.errors


@pytest.mark.parametrize("version", TABLES, ids=IDS)
def test_preface_and_pseudo_header_fields(version: Version) -> None:
    text = text_of(version.name)
    assert re.search(rf"(?m)^ +(0x)?{version.preface.hex()}$", text)
    quoted = set(re.findall(r'":([a-z]+)"', text))
    names = {":" + name for name in quoted} if quoted else set(version.pseudo.values())
    assert names == set(version.pseudo.values())
    assert all(re.search(rf"(?<!\w){name}\b", text) for name in version.pseudo.values())
    never = {":host", ":authority"} - set(version.pseudo.values())
    assert not any(re.search(rf"(?<!\w){name}\b", section(version, "8")) for name in never)


@pytest.mark.parametrize("version", TABLES, ids=IDS)
def test_sizes(version: Version) -> None:
    text = " ".join(section(version, "4.1").split())
    assert re.search(rf"begin with an? (fixed )?{version.header.octets}-octet header", text)
    assert f"unsigned {version.header.length_bits}-bit integer" in text
    limit = section(version, {"04": "9.1", "06": "9.3"}.get(version.short, "4.2"))
    assert str(version.max_frame_size) in limit.replace(",", "")
    assert str(version.initial_window) in section(version, "6.9.2").replace(",", "")
    assert version.max_frame_size <= version.header.max_length
    frame_size = version.settings.get("MAX_FRAME_SIZE")
    assert frame_size is None or frame_size.initial == version.max_frame_size
    assert version.settings["INITIAL_WINDOW_SIZE"].initial == version.initial_window


@pytest.mark.parametrize("version", TABLES[-4:], ids=IDS[-4:])
def test_an_independent_implementation_agrees(version: Version) -> None:
    assert version.errors == {code.name: code.value for code in h2.errors.ErrorCodes}
    codes = {code.name: code.value for code in h2.settings.SettingCodes}
    del codes["ENABLE_CONNECT_PROTOCOL"]  # RFC 8441
    assert {setting.name: setting.id for setting in version.settings.values()} == codes


@pytest.mark.parametrize("version", TABLES, ids=IDS)
def test_acknowledgement_and_upgrade(version: Version) -> None:
    acknowledged = "ACK" in section(version, "6.5")
    assert version.settings_ack is acknowledged is ("ACK" in version.frames["SETTINGS"].flags)
    if version.short == "9113":  # which does not have the upgrade any more
        return
    text = section(version, "3.2.1")
    assert tuple(re.findall(r"- SETTINGS_(\w+)", text)) == version.upgrade_settings


@pytest.mark.parametrize("version", TABLES, ids=IDS)
def test_tokens(version: Version) -> None:
    text = " ".join(section(version, "3.1").split())
    if in_range("..09", version.short):
        assert "HTTP-draft-03/2.0" in text  # the example, from which the number is exchanged
        assert version.alpn == version.upgrade == f"HTTP-{version.name}/2.0"
    else:
        suffix = f"-{version.short}" if version.name.startswith("draft") else ""
        assert (version.alpn, version.upgrade) == (f"h2{suffix}", f"h2c{suffix}")
        assert '"h2"' in text
        assert '"h2c"' in text


def test_the_tables_are_all_there_and_in_order() -> None:
    assert tuple(version.short for version in TABLES) == ORDER
    assert {version.hpack for version in TABLES} == set(GENERATIONS)
    assert {version.short: version.hpack for version in TABLES} == {
        "04": "hpack-00",
        "06": "hpack-02",
        "09": "hpack-05",
        "12": "hpack-07",
        "13": "hpack-08",
        "14": "hpack-09",
        "16": "hpack-10",
        "17": "hpack-10",
        "7540": "rfc7541",
        "9113": "rfc7541",
    }


def test_codes_that_may_stand_for_others() -> None:
    generic = {version.short: version.generic_errors for version in TABLES}
    expected: dict[str, tuple[str, ...]] = dict.fromkeys(ORDER, ())
    assert generic == expected | {"9113": ("PROTOCOL_ERROR", "INTERNAL_ERROR")}
    for version in TABLES:
        named_one = in_range("14..", version.short) or version.short == "06"
        assert version.malformed_errors == (("PROTOCOL_ERROR",) if named_one else ())
        assert set(version.renamed) <= set(version.errors)
        assert all(set(frame.renamed) <= set(frame.flags) for frame in version.frames.values())


@pytest.mark.parametrize("version", TABLES, ids=IDS)
def test_what_a_version_does_with_the_unknown(version: Version) -> None:
    types, settings = (" ".join(section(version, number).split()) for number in ("4.1", "6.5"))
    refused = re.findall(
        r"(unknown frame type|any other identifier).{0,90}connection error .{0,20}of type (\w+)",
        f"{types} {settings}",
    )
    assert {code for _, code in refused} == {version.unknown_error} - {None}
    if version.unknown_error is None:
        assert re.search(r"MUST ignore", types)
        assert re.search(r"settings MUST be ignored|identifier MUST ignore", settings)
    else:
        assert len(refused) == 2


@pytest.mark.parametrize("version", TABLES, ids=IDS)
def test_what_a_version_advises_against(version: Version) -> None:
    priority = " ".join(section(version, "6.3").split())
    assert ("PRIORITY" in version.deprecated) is ("is deprecated" in priority)
    headers = " ".join(section(version, "6.2").split())
    assert ("HEADERS PRIORITY" in version.deprecated) is ("are deprecated" in headers)
    tokens = " ".join(section(version, "3.1").split())
    assert ("upgrade" in version.deprecated) is ("is deprecated" in tokens)
    flags = {f"{name} {flag}" for name, frame in version.frames.items() for flag in frame.flags}
    assert set(version.deprecated) <= {"upgrade", *version.frames, *flags}
