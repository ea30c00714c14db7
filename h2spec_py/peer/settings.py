"""Settings of both ends: those that we announce count once they are acknowledged.

Until then the other end may not have seen them. What it is allowed to do is judged by the most
lenient of the values that it may go by.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Mapping

from h2spec_py.spec import Version
from h2spec_py.spec.catalogue import catalogue
from h2spec_py.wire.payload import SettingsEntry

VALUE_RULES: Mapping[str, tuple[str, ...]] = {
    "ENABLE_PUSH": ("settings.enable-push-value",),
    "INITIAL_WINDOW_SIZE": ("settings.initial-window-limit",),
    "MAX_FRAME_SIZE": ("settings.max-frame-size-range", "settings.max-frame-size-announced"),
    "COMPRESS_DATA": ("settings.compress-data-value",),
}
"""The requirements that a value outside a setting's range breaks, of which each end has one."""

Values = dict[str, int | None]


def initial_values(version: Version) -> Values:
    """The value of every setting before any SETTINGS frame; None is no limit."""
    return {name: setting.initial for name, setting in version.settings.items()}


def named(version: Version, entries: Iterable[SettingsEntry]) -> list[tuple[str, int]]:
    """Name the entries of a SETTINGS frame, in their order; unknown ones are left out."""
    found = ((version.setting_by_id(entry.id), entry.value) for entry in entries)
    return [(setting.name, value) for setting, value in found if setting is not None]


FIRST_COUNTS = "settings.first-counts"
"""The requirement that the first of several values for a setting counts, not the last."""


def firsts(values: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    """The values of one frame without those that another for the same setting came before."""
    found: dict[str, int] = {}
    for name, value in values:
        found.setdefault(name, value)
    return list(found.items())


class LocalSettings:
    """What we announced."""

    def __init__(self, version: Version) -> None:
        self.acknowledged: Values = initial_values(version)
        self._first_counts = catalogue()[FIRST_COUNTS].applies_to(version)
        self._pending: deque[list[tuple[str, int]]] = deque()
        self.announced = 0
        """How many SETTINGS frames were sent that ask for an acknowledgement."""
        self.acknowledgements = 0
        """How many acknowledgements came."""

    def announce(self, values: Iterable[tuple[str, int]]) -> None:
        """Note a SETTINGS frame of ours."""
        self._pending.append(firsts(values) if self._first_counts else list(values))
        self.announced += 1

    def acknowledge(self) -> list[tuple[str, int]]:
        """Note an acknowledgement: it is of the oldest frame that has none.

        Returns the values that this makes count, one after the other.
        """
        self.acknowledgements += 1
        values = self._pending.popleft() if self._pending else []
        self.acknowledged.update(values)
        return values

    def confirm(self, count: int) -> None:
        """Note that the other end has read as many SETTINGS frames, where none is acknowledged."""
        while self.acknowledgements < count:
            self.acknowledge()

    def imply(self, values: Iterable[tuple[str, int]]) -> None:
        """Note settings that the other end may know by an HTTP/1.1 Upgrade (rfc7540 3.2.1)."""
        for name, value in values:
            current = self.acknowledged.get(name)
            self.acknowledged[name] = value if current is None else max(current, value)

    def greatest(self, name: str, default: int) -> int:
        """The greatest value that the other end may go by; `default` where there is no limit."""
        pending = [v for frame in self._pending for n, v in frame if n == name]
        current = self.acknowledged.get(name)
        return max([default if current is None else current, *pending])

    def settled(self, name: str) -> int | None:
        """The value of a setting, if the other end can go by no other; else None."""
        value = self.acknowledged.get(name)
        known = all(v == value for frame in self._pending for n, v in frame if n == name)
        return value if known else None


class RemoteSettings:
    """What the other end announced."""

    def __init__(self, version: Version) -> None:
        self.values: Values = initial_values(version)
        self.announced: dict[str, int] = {}
        self._first_counts = catalogue()[FIRST_COUNTS].applies_to(version)

    def apply(
        self, values: Iterable[tuple[str, int]], forgive: Collection[str]
    ) -> list[tuple[str, int]]:
        """Take over the values of one frame. Returns the changes in the order of their making."""
        first_counts = "settings.in-order" in forgive
        if self._first_counts:
            first_counts = FIRST_COUNTS not in forgive
        changes = firsts(values) if first_counts else list(values)
        self.values.update(changes)
        self.announced.update(changes)
        return changes
