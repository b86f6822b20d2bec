"""The folders files go through: landing/<source>/ to landed/<source>/, or rejected/<source>/ beside a message.

Belongs here: which files are ready, and where they go afterwards. Does not: what is in them (files.py, landing.py).
Folders are readable by their owner only: received files hold identifiers in clear (README.md says how long).
"""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from ingestion import files
from ingestion.landing import Landed
from ingestion.masking import safe_name
from warehouse.home import Home

QUIET_SECONDS = 5.0
# A rejected file waits this long for somebody to look at it, and is then deleted: it may hold identifiers in clear.
REJECTED_KEPT_DAYS = 30
_PRIVATE = 0o700
_DAY = 86_400


def make_folders(home: Home, sources: Iterable[str]) -> None:
    """landing/<source>/ for each source, and the folders beside it, all private."""
    for folder in (home.landing, home.landed, home.rejected):
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(_PRIVATE)
    for source in sources:
        (home.landing / source).mkdir(exist_ok=True, mode=_PRIVATE)


def waiting(folder: Path, quiet_seconds: float = QUIET_SECONDS) -> list[Path]:
    """Files of the folder that nobody is writing any more; sorted by name.

    A file is being written while its name says so (.part, .tmp, ~$…) or its last change is younger than quiet_seconds.
    """
    now = time.time()
    found = []
    for path in sorted(folder.rglob("*")):
        is_ready = path.is_file() and not files.is_temporary(path) and now - path.stat().st_mtime >= quiet_seconds
        if is_ready and not _is_in_hidden_folder(path, folder):
            found.append(path)
    return found


def put_away(home: Home, source: str, path: Path, landed: Sequence[Landed], holds_identifiers: bool) -> Path:
    """Take a file whose batches are committed out of landing/; what is kept of it.

    A file with identifiers is deleted and leaves a receipt: bronze has its rows without them, the sender has the file.
    """
    target = _free_name(home.landed / source / _as_kept(path.relative_to(home.landing / source)), landed[0].batch_id)
    target.parent.mkdir(parents=True, exist_ok=True, mode=_PRIVATE)
    if not holds_identifiers:
        return _moved(path, target)
    receipt = target.with_name(target.name + ".receipt.json")
    receipt.write_text(json.dumps([part.counts() for part in landed], indent=2) + "\n", encoding="utf-8")
    path.unlink()
    return receipt


def strays(home: Home, sources: Iterable[str], quiet_seconds: float = QUIET_SECONDS) -> list[Path]:
    """Files of landing/ that lie in no source's folder, which nothing would ever read; not those being written."""
    known = set(sources)
    found = waiting(home.landing, quiet_seconds)
    return [path for path in found if path.parent == home.landing or _top_folder(home, path) not in known]


def put_aside(
    home: Home, path: Path, batch_id: str, message: str, taken: Sequence[str] = (), into: Path | None = None
) -> Path:
    """Move a file that cannot be read to rejected/, beside a .txt that says why and what to do; the .txt.

    taken: tables that had their rows of it already. into: where the mended file belongs, when that is elsewhere.
    """
    target = _free_name(home.rejected / _as_kept(path.relative_to(home.landing)), batch_id)
    target.parent.mkdir(parents=True, exist_ok=True, mode=_PRIVATE)
    note = _note(target)
    kept = f"Only its rows of {', '.join(taken)} are in the lake" if taken else "Nothing of it is in the lake"
    note.write_text(
        f"{target.name} was not taken in: {message}.\n"
        f"{kept}. Put the mended file into {into or path.parent}.\n"
        f"This copy is deleted after {REJECTED_KEPT_DAYS} days.\n",
        encoding="utf-8",
    )
    _moved(path, target).chmod(0o600)
    return note


def purge_rejected(home: Home, kept_days: int = REJECTED_KEPT_DAYS) -> list[Path]:
    """Delete rejected files that nobody has looked after; their names. The messages stay."""
    limit = time.time() - kept_days * _DAY
    # Whatever has a message beside it was put aside, also a .txt somebody sent; a message has none of its own.
    old = [path for path in home.rejected.rglob("*") if path.is_file() and _note(path).exists()]
    # The message is written when the file is put aside; the file keeps the time of its own last change.
    gone = [path for path in old if _note(path).stat().st_mtime < limit]
    for path in gone:
        path.unlink()
    return gone


def _as_kept(path: Path) -> Path:
    """The path with identifiers in its names masked: what is kept of a file outlives the file."""
    return Path(*(safe_name(part) for part in path.parts))


def _note(path: Path) -> Path:
    return path.with_name(path.name + ".txt")


def _top_folder(home: Home, path: Path) -> str:
    return path.relative_to(home.landing).parts[0]


def _is_in_hidden_folder(path: Path, folder: Path) -> bool:
    return any(part.startswith(".") for part in path.relative_to(folder).parts[:-1])


def _free_name(target: Path, batch_id: str) -> Path:
    """The target, or beside another file of that name a name with the batch's first eight characters."""
    if not target.exists() or files.sha256(target) == batch_id:
        return target
    return target.with_name(f"{target.stem}-{batch_id[:8]}{target.suffix}")


def _moved(path: Path, target: Path) -> Path:
    shutil.move(path, target)
    return target
