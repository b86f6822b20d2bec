"""What a request body must be before any field of it is read: JSON in which a name says one thing.

Belongs here: names that come twice. Does not: JSON that is none (FastAPI says so), fields (values.py).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from serving_api.errors import FieldRepeated


class _Members(list[tuple[str, Any]]):
    """A JSON object as it was sent, repeated names included."""


def refuse_repeated_fields(body: bytes) -> None:
    """Raises FieldRepeated: of two values for one name the reader would silently take the last."""
    try:
        sent = json.loads(body, object_pairs_hook=_Members)
        repeated = list(dict.fromkeys(_repeated(sent, "")))
    except (ValueError, RecursionError):
        return
    if repeated:
        raise FieldRepeated(repeated)


def _repeated(value: Any, path: str) -> Iterator[str]:
    """Paths of the names that an object has more than once, such as amount or events[3].amount."""
    if isinstance(value, _Members):
        seen: set[str] = set()
        for name, inner in value:
            at = f"{path}.{name}" if path else name
            if name in seen:
                yield at
            seen.add(name)
            yield from _repeated(inner, at)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _repeated(inner, f"{path}[{number}]")
