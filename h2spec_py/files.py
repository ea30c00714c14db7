"""Files that a command is going to write: whether it can, known before it starts its work."""

from __future__ import annotations

import errno
import os
from pathlib import Path


def check_writable(path: Path) -> None:
    """See whether a file can be written, and leave everything as it is. Raises OSError.

    A folder that is missing has to be one that can be made. What is no regular file, such as a
    pipe, is not touched.
    """
    if path.exists():
        if path.is_file() or path.is_dir():
            with path.open("ab"):
                pass
    elif path.parent.is_dir():
        with path.open("ab"):
            pass
        path.unlink()
    else:
        _check_folder(path.parent)


def _check_folder(folder: Path) -> None:
    """See whether a folder that is missing can be made. Raises OSError."""
    there = next(one for one in folder.absolute().parents if one.exists() or one.is_symlink())
    if folder.exists() or folder.is_symlink() or not there.is_dir():
        raise _error(errno.ENOTDIR, folder)
    if not os.access(there, os.W_OK | os.X_OK):
        raise _error(errno.EACCES, there)


def _error(number: int, path: Path) -> OSError:
    return OSError(number, os.strerror(number), str(path))
