"""Whether a file can be written is known without a trace."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from h2spec_py.files import check_writable


def test_what_can_be_written_is_left_as_it_is(tmp_path: Path) -> None:
    old = tmp_path / "old"
    old.write_text("kept", encoding="utf-8")
    os.mkfifo(tmp_path / "pipe")  # nobody reads: opening it would wait
    for name in ("old", "new", "pipe", "folder/folder/new"):
        check_writable(tmp_path / name)
    assert old.read_text(encoding="utf-8") == "kept"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["old", "pipe"]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("folder", "Is a directory"),
        ("file/new", "Not a directory"),
        ("file/folder/new", "Not a directory"),
        ("dangling/new", "Not a directory"),
    ],
)
def test_what_cannot_be_written_says_why(tmp_path: Path, name: str, message: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    (tmp_path / "dangling").symlink_to("nowhere")
    with pytest.raises(OSError, match=message):
        check_writable(tmp_path / name)


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is closed to root")
def test_a_folder_that_is_closed(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    for name in ("new", "folder/new"):
        with pytest.raises(PermissionError):
            check_writable(tmp_path / name)
    tmp_path.chmod(0o700)
