"""The tables say what the documents say."""

from __future__ import annotations

import re
from pathlib import Path

import h2.errors
import h2.settings
import pytest

from h2spec_py.spec import VERSIONS, FrameType, UnknownVersion, Version, find_version
from h2spec_py.spec.model import Entries, Numbers, Octets, PadLength

SPECS = Path(__file__).resolve().parents[3] / "shared" / "specs"
IDS = [version.name for version in VERSIONS]


def document(version: Version) -> str:
    path = SPECS / f"{'http2-' * version.name.startswith('draft')}{version.name}.txt"
    if not path.exists():
        pytest.skip("the texts of the specifications are not beside the repository")
    return path.read_text(encoding="utf-8")


def section(version: Version, number: str) -> str:
    """Give the text of one section with what lies below it, found by its heading."""
    text = document(version)
    start = re.search(rf"(?m)^{re.escape(number)}\. +\S", text)
    assert start, f"{version.name} has no section {number}"
    headings = re.finditer(r"(?m)^([0-9]+(?:\.[0-9]+)*|[A-Z])\. +\S", text[start.end() :])
    ends = (h.start() for h in headings if not h[1].startswith(f"{number}."))
    return text[start.start() : start.end() + next(ends)]


def named(text: str) -> dict[str, int]:
    """Collect the terms of a definition list: `NAME (0x1):`."""
    return {name: int(code, 16) for name, code in re.findall(r"(?m)^ +(\w+) \((0x\w+)\):", text)}


@pytest.mark.parametrize("version", VERSIONS, ids=IDS)
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
        assert flags == frame.flags, name


def widths_in_figure(text: str) -> list[tuple[int, bool]]:
    """Read (bits, optional?) of each field off the figure of a payload, single bits left out."""
    figure = text.partition("[Figure")[0]
    if "Unused Flags" in figure:  # RFC 9113 draws the frame header too, up to the stream identifier
        figure = re.split(r"  Stream Identifier \(31\)(?: = 0)?,\n", figure)[1]
        found = re.findall(r"(?m)^ +(\[)?[\w -]+ \((\d+)\)(?! \.\.\.)", figure)
        widths = [(int(bits), bool(bracket)) for bracket, bits in found]
    else:
        found = re.findall(r"(?m)^ +\|.*?\w(\?)? ?\((\d+)\)", figure)
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
            case Octets(length=int(octets)):
                widths.append((8 * octets, False))
            case Entries(entry=entry):
                widths += [(number.bits, False) for number in entry.fields]
    return [(bits, optional) for bits, optional in widths if bits > 1]


@pytest.mark.parametrize("version", VERSIONS, ids=IDS)
def test_layouts_are_those_of_the_figures(version: Version) -> None:
    for frame in version.frames.values():
        text = section(version, "6.5.1" if frame.name == "SETTINGS" else frame.section)
        assert widths_in_figure(text) == widths_in_layout(frame), frame.name


@pytest.mark.parametrize("version", VERSIONS, ids=IDS)
def test_settings(version: Version) -> None:
    text = section(version, "6.5.2")
    identifiers = {name.removeprefix("SETTINGS_"): code for name, code in named(text).items()}
    assert identifiers == {name: setting.id for name, setting in version.settings.items()}
    for name, setting in version.settings.items():
        assert setting.name == name
        about = text.partition(f"SETTINGS_{name} (")[2]
        about = re.split(r"SETTINGS_\w+ \(0x", about)[0]
        flat = " ".join(about.split())
        if setting.initial is None:
            assert re.search(r"Initially,? there is no limit|initial value .*is unlimited", flat)
        else:
            stated = re.search(
                r"[Ii]nitial value (?:of \w+ )?is (?:2\^\d+(?:-1)? \()?([\d,]+)", flat
            )
            assert stated
            assert int(stated[1].replace(",", "")) == setting.initial
        refused = re.findall(r"MUST be treated as a connection error \(.*?\) of type (\w+)", flat)
        assert refused == ([setting.error] if setting.error else [])


@pytest.mark.parametrize("version", VERSIONS, ids=IDS)
def test_ranges_of_settings(version: Version) -> None:
    whole = (0, 2**32 - 1)
    ranges = {
        "ENABLE_PUSH": (0, 1),
        "INITIAL_WINDOW_SIZE": (0, 2**31 - 1),
        "MAX_FRAME_SIZE": (2**14, 2**24 - 1),
    }
    for name, setting in version.settings.items():
        assert (setting.minimum, setting.maximum) == ranges.get(name, whole)


@pytest.mark.parametrize("version", VERSIONS, ids=IDS)
def test_error_codes(version: Version) -> None:
    assert named(section(version, "7")) == version.errors


@pytest.mark.parametrize("version", VERSIONS, ids=IDS)
def test_preface_and_pseudo_header_fields(version: Version) -> None:
    text = document(version)
    assert f"0x{version.preface.hex()}" in text
    quoted = set(re.findall(r'":([a-z]+)"', text))
    names = {":" + name for name in quoted} if quoted else set(version.pseudo.values())
    assert names == set(version.pseudo.values())
    assert all(re.search(rf"(?<!\w){name}\b", text) for name in version.pseudo.values())


@pytest.mark.parametrize("version", VERSIONS, ids=IDS)
def test_sizes(version: Version) -> None:
    text = " ".join(section(version, "4.1").split())
    assert f"fixed {version.header.octets}-octet header" in text
    assert f"unsigned {version.header.length_bits}-bit integer" in text
    assert f"{version.max_frame_size:,}" in section(version, "4.2")
    assert version.max_frame_size <= version.header.max_length
    frame_size = version.settings.get("MAX_FRAME_SIZE")
    assert frame_size is None or frame_size.initial == version.max_frame_size
    assert version.settings["INITIAL_WINDOW_SIZE"].initial == version.initial_window


@pytest.mark.parametrize("name", ["rfc7540", "rfc9113"])
def test_an_independent_implementation_agrees(name: str) -> None:
    version = find_version(name)
    assert version.errors == {code.name: code.value for code in h2.errors.ErrorCodes}
    codes = {code.name: code.value for code in h2.settings.SettingCodes}
    del codes["ENABLE_CONNECT_PROTOCOL"]  # RFC 8441
    assert {setting.name: setting.id for setting in version.settings.values()} == codes


def test_what_identifies_each_version() -> None:
    tokens = {v.short: (v.alpn, v.upgrade, v.hpack) for v in VERSIONS}
    assert tokens == {
        "13": ("h2-13", "h2c-13", "hpack-08"),
        "7540": ("h2", "h2c", "rfc7541"),
        "9113": ("h2", "h2c", "rfc7541"),
    }


def test_codes_that_may_stand_for_others() -> None:
    for version in VERSIONS:
        assert set(version.generic_errors) <= set(version.errors)
        assert set(version.malformed_errors) <= set(version.errors)
    generic = {version.short: version.generic_errors for version in VERSIONS}
    assert generic == {"13": (), "7540": (), "9113": ("PROTOCOL_ERROR", "INTERNAL_ERROR")}
    malformed = {version.short: version.malformed_errors for version in VERSIONS}
    assert malformed == {"13": (), "7540": ("PROTOCOL_ERROR",), "9113": ("PROTOCOL_ERROR",)}


def test_lengths_follow_from_layouts() -> None:
    lengths = {
        frame.name: (frame.min_length, frame.length)
        for frame in find_version("9113").frames.values()
    }
    assert lengths == {
        "DATA": (0, None),
        "HEADERS": (0, None),
        "PRIORITY": (5, 5),
        "RST_STREAM": (4, 4),
        "SETTINGS": (0, None),
        "PUSH_PROMISE": (4, None),
        "PING": (8, 8),
        "GOAWAY": (8, None),
        "WINDOW_UPDATE": (4, 4),
        "CONTINUATION": (0, None),
    }


def test_fields_of_a_type() -> None:
    frames = find_version("13").frames
    assert frames["HEADERS"].fields == ("priority", "block", "padding")
    assert frames["GOAWAY"].fields == ("reserved", "last_stream", "error", "debug")
    assert frames["SETTINGS"].fields == ("settings",)


def test_look_ups_by_number() -> None:
    version = find_version("draft-13")
    assert version.frame_by_code(9) is version.frames["CONTINUATION"]
    assert version.frame_by_code(0x0A) is None
    assert version.frame_name(0) == "DATA"
    assert version.frame_name(0xFA) == "0xfa"
    assert version.setting_by_id(4) is version.settings["INITIAL_WINDOW_SIZE"]
    assert version.setting_by_id(5) is None
    assert version.setting_name(5) == "0x05"
    assert version.setting_name(1) == "HEADER_TABLE_SIZE"
    assert version.error_name(0) == "NO_ERROR"
    assert version.error_name(0x99) == "0x99"
    assert version.error_name(0xD) == "0x0d"
    assert find_version("9113").error_name(0xD) == "HTTP_1_1_REQUIRED"


def test_names_of_flags() -> None:
    draft, rfc = find_version("13"), find_version("9113")
    assert draft.flag_names(0, 0x0B) == ["END_STREAM", "END_SEGMENT", "PADDED"]
    assert rfc.flag_names(0, 0x0B) == ["END_STREAM", "0x02", "PADDED"]
    assert rfc.flag_names(0xFA, 0x80) == ["0x80"]
    assert rfc.flag_names(4, 0) == []
    assert rfc.has_flag(4, 1, "ACK")
    assert not rfc.has_flag(4, 2, "ACK")
    assert not rfc.has_flag(0, 1, "ACK")
    assert not rfc.has_flag(0xFA, 1, "ACK")


def test_versions_are_found_by_either_name() -> None:
    for version in VERSIONS:
        assert find_version(version.short) is version
        assert find_version(version.name) is version
    with pytest.raises(UnknownVersion, match="'99': known are 13, 7540, 9113"):
        find_version("99")
