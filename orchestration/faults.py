"""What went wrong with a disk or a folder, in words that say what to do.

Belongs here: recognising such failures, whichever library met them. Does not: exit statuses (cli/main.py).
"""

from __future__ import annotations

import errno
import re
from pathlib import Path

FULL, DENIED, IN_THE_WAY, UNREADABLE = "full", "denied", "in the way", "unreadable"

_BY_NUMBER = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT, errno.EFBIG), FULL),
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), DENIED),
    **dict.fromkeys((errno.ENOTDIR, errno.EEXIST, errno.EISDIR), IN_THE_WAY),
    errno.EIO: UNREADABLE,
}
# How DuckDB, SQLite and programs that only leave text say the same; "permission denied for table" is no disk's.
_BY_WORDS = (
    (FULL, r"no space left on device|disk is full|disk quota exceeded"),
    (DENIED, r"permission denied(?! for)|read-?only file ?system|readonly database|unable to open database file"),
    (IN_THE_WAY, r"not a directory"),
    (UNREADABLE, r"disk i/o error"),
)
_PATH = re.compile(r"[\"'](/[^\"']+)[\"']")
# Libraries whose errors about files carry no number.
_WITHOUT_NUMBER = ("_duckdb", "duckdb", "sqlite3", "sqlalchemy", "great_expectations")


def words_for(error: BaseException | None, home: Path | None) -> str | None:
    """What to tell of an error about a disk or folder, met by whatever caused it; None when it is about none."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in _BY_NUMBER:
            named = error.filename2 or error.filename
            return _words(_BY_NUMBER[error.errno], str(named) if named else None, home)
        if type(error).__module__.split(".")[0] in _WITHOUT_NUMBER and (found := words_for_text(str(error), home)):
            return found
        error = error.__cause__
    return None


def words_for_text(text: str, home: Path | None) -> str | None:
    """The same for an error of which only its text is left."""
    kind = next((kind for kind, pattern in _BY_WORDS if re.search(pattern, text, re.IGNORECASE)), None)
    path = _PATH.search(text)
    return _words(kind, path[1] if path else None, home) if kind else None


def _words(kind: str, path: str | None, home: Path | None) -> str:
    place = path or (str(home) if home else "LENDHOUSE_HOME")
    is_elsewhere = path is not None and home is not None and not Path(path).is_relative_to(home)
    other = "name another place" if is_elsewhere else "set LENDHOUSE_HOME to another place"
    return {
        FULL: f"no space is left on the disk of {place}; free some, or {other}",
        DENIED: f"{place} cannot be written; give yourself the right to, or {other}",
        IN_THE_WAY: f"{place} is not a folder, or lies in a file; move that file away, or name another folder",
        UNREADABLE: f"the disk of {place} cannot be read or written; it may be full or failing (`lendhouse doctor`)",
    }[kind]
