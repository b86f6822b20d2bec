"""Whether a file has the columns it must have, and no others.

Belongs here: the messages about columns, one wording for all sources. Does not: values.
"""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable

from ingestion.files import Unreadable
from ingestion.parsing import ROW_NUMBER


def refuse_other_columns(found: Collection[str], required: Iterable[str], allowed: Collection[str]) -> None:
    """Raise Unreadable naming what is missing and what is unknown.

    A column that is unknown is refused rather than dropped: it may be a misspelt one, or hold what must not be kept.
    """
    present = set(found) - {ROW_NUMBER}
    missing = [name for name in required if name not in present]
    unknown = sorted(present - set(allowed))
    problems = []
    if missing:
        problems.append(f"the column{'s' if len(missing) > 1 else ''} {', '.join(missing)} {_are(missing)} missing")
    for name in unknown:
        near = difflib.get_close_matches(name.lower(), [n for n in allowed if n not in present], n=1)
        problems.append(f"the column {name!r} is unknown" + (f" (did you mean {near[0]}?)" if near else ""))
    if problems:
        raise Unreadable("; ".join(problems) + "; mend the header and send the file again")


def _are(names: list[str]) -> str:
    return "are" if len(names) > 1 else "is"
