"""The values of a loan document one by one: each is read by its kind, or refused under its path.

Belongs here: what a decimal, a day, a choice, a list or an object must look like. Does not: which fields there are
(document_terms.py, document_events.py) and how JSON text becomes values (the caller's).

A reader takes a value and its path and returns what it means; LoanRefused names the path.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NoReturn

from transforms.kernels.loan import LoanRefused
from transforms.kernels.money import HUNDREDTHS, SMALLEST, Mode

Reader = Callable[[object, str], Any]

AMOUNT_LIMIT = Decimal(10**13)  # major units; sums over a loan of this size still fit into decimal(18,2)
RATE_PLACES = 6
FIRST_YEAR = 1900
SHOWN = 40  # characters of a refused text that a message repeats
HUNDREDTH = Decimal("0.01")
# [0-9] and not \d, which takes the digits of every script.
DECIMAL = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.([0-9]+))?")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
INSTANT = re.compile(DAY.pattern + r"T[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?(?:Z|[+-][0-9]{2}:[0-9]{2})")
UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")  # control characters, and halves of characters
# Names that are words of Python, and what they are called in frozen values.
ATTRIBUTES = {"from": "from_number"}


class _GivenTwice:
    """Stands for the value of a member that an object names more than once."""


GIVEN_TWICE = _GivenTwice()


def members(pairs: Iterable[tuple[str, object]]) -> dict[str, object]:
    """The members of a JSON object in a text (an object_pairs_hook); one named twice is refused when it is read."""
    found: dict[str, object] = {}
    for name, value in pairs:
        found[name] = GIVEN_TWICE if name in found else value
    return found


def refuse(path: str, problem: str) -> NoReturn:
    raise LoanRefused(path, problem)


def at(path: str, name: str) -> str:
    """The path of a member."""
    return f"{path}.{name}" if path else name


def shown(value: object) -> str:
    """A refused value, for a message."""
    if isinstance(value, str):
        text = value if len(value) <= SHOWN else f"{value[:SHOWN]}…"
        return f'"{UNPRINTABLE.sub("?", text)}"'
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, float):
        return "NaN" if value != value else f"the number {value!r}".replace("inf", "Infinity")
    if isinstance(value, int):
        return f"the number {value}" if abs(value) < 10**SHOWN else "a number of many digits"
    if value is GIVEN_TWICE:
        return "two values"
    return "an object" if isinstance(value, dict) else "a list" if isinstance(value, list) else "no JSON value"


def text(value: object, path: str) -> str:
    """A text with something in it."""
    if not isinstance(value, str):
        refuse(path, f"must be a text, got {shown(value)}")
    if not value.strip():
        refuse(path, "must not be empty")
    if UNPRINTABLE.search(value):
        refuse(path, f"must not hold control characters, got {shown(value)}")
    return value


def flag(value: object, path: str) -> bool:
    if not isinstance(value, bool):
        refuse(path, f"must be true or false, got {shown(value)}")
    return value


def choice(*allowed: str) -> Reader:
    """One of the texts allowed."""

    def read(value: object, path: str) -> str:
        if not isinstance(value, str) or value not in allowed:
            refuse(path, f"must be {' or '.join(allowed)}, got {shown(value)}")
        return value

    return read


def mode(value: object, path: str) -> Mode:
    """A rounding mode."""
    return Mode[choice(*(one.name.lower() for one in Mode))(value, path).upper()]


def whole(low: int, high: int) -> Reader:
    """A whole number from low to high; JSON's true, 12.0 and "12" are none."""

    def read(value: object, path: str) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            refuse(path, f"must be a whole number from {low} to {high}, got {shown(value)}")
        return value

    return read


def amount(currency: str, is_zero_allowed: bool = False) -> Reader:
    """Money as a decimal string in major units, with no more decimals than the currency has."""
    places = places_of(currency)
    has = f"{currency} has {places} decimals" if places else f"{currency} has no decimals"

    def read(value: object, path: str) -> Decimal:
        number = _decimal(value, path, places, has)
        if number < 0 or (number == 0 and not is_zero_allowed):
            refuse(path, f"must {'not be below' if is_zero_allowed else 'be above'} zero, got {shown(value)}")
        if number >= AMOUNT_LIMIT:
            refuse(path, f"must be below {AMOUNT_LIMIT}, got {shown(value)}")
        return number.quantize(HUNDREDTH)

    return read


def places_of(currency: str) -> int:
    """Decimals of a currency: 2 for INR, 0 for JPY."""
    return len(str(HUNDREDTHS)) - len(str(SMALLEST[currency]))


def rate(low: Decimal | int, high: Decimal | int, is_low_allowed: bool = True) -> Reader:
    """A fraction as a decimal string, from low to high (above low unless that is allowed)."""

    def read(value: object, path: str) -> Decimal:
        number = _decimal(value, path, RATE_PLACES, f"a rate has at most {RATE_PLACES} decimals")
        if not low <= number <= high or (number == low and not is_low_allowed):
            lower = f"from {low}" if is_low_allowed else f"above {low} and"
            refuse(path, f"must be a fraction {lower} to {high} (0.12 means 12 %), got {shown(value)}")
        return number + 0  # no negative zero

    return read


def _decimal(value: object, path: str, places: int, limit: str) -> Decimal:
    if not isinstance(value, str):
        refuse(path, f'must be a decimal string such as "0.12", got {shown(value)}')
    matched = DECIMAL.fullmatch(value)
    if matched is None:
        refuse(path, f'must be a plain decimal such as "0.12", got {shown(value)}')
    if len(matched[1] or "") > places:
        refuse(path, f"has too many decimals: {limit}, got {shown(value)}")
    return Decimal(value)


def day(value: object, path: str) -> date:
    """A calendar day, YYYY-MM-DD."""
    if not isinstance(value, str) or not DAY.fullmatch(value):
        refuse(path, f"must be a date such as 2025-01-31, got {shown(value)}")
    try:
        found = date.fromisoformat(value)
    except ValueError:
        refuse(path, f"there is no day {value}")
    if found.year < FIRST_YEAR:
        refuse(path, f"must not be before {FIRST_YEAR}, got {value}")
    return found


def instant(value: object, path: str) -> datetime:
    """A moment with its offset from UTC."""
    if not isinstance(value, str) or not INSTANT.fullmatch(value):
        refuse(path, f"must be an instant with its offset such as 2025-01-31T10:00:00+05:30, got {shown(value)}")
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        refuse(path, f"there is no instant {value}")
    if found.year < FIRST_YEAR:
        refuse(path, f"must not be before {FIRST_YEAR}, got {value}")
    return found


def as_given(value: object, path: str) -> object:
    """A value that is read later."""
    return value


def each(reader: Reader) -> Reader:
    """A list whose members are all of one kind."""

    def read(value: object, path: str) -> tuple[Any, ...]:
        if not isinstance(value, list):
            refuse(path, f"must be a list, got {shown(value)}")
        return tuple(reader(one, f"{path}[{place}]") for place, one in enumerate(value))

    return read


def read_object(
    value: object, path: str, what: str, readers: Mapping[str, Reader], defaults: Mapping[str, Any]
) -> dict[str, Any]:
    """The members of an object, read, by the names of frozen values. What has no default is required.

    null means absent where nothing is the default. what: the kind of object, for messages.
    """
    given = _object(value, path, what, readers)
    found = {}
    for name, reader in readers.items():
        here = given.get(name)
        if name not in given and name not in defaults:
            refuse(at(path, name), "is missing")
        if here is GIVEN_TWICE:
            refuse(at(path, name), "is given twice")
        is_absent = name not in given or (here is None and defaults.get(name, name) is None)
        found[ATTRIBUTES.get(name, name)] = defaults[name] if is_absent else reader(here, at(path, name))
    return found


def _object(value: object, path: str, what: str, known: Iterable[str]) -> dict[str, object]:
    if not isinstance(value, dict):
        refuse(path, f"must be an object, got {shown(value)}")
    for name in value:
        if name not in known:
            refuse(at(path, name), f"is no field of {what}, which has {', '.join(known)}")
    return value


def record(kind: type[Any], what: str, readers: Mapping[str, Reader]) -> Reader:
    """An object that becomes a frozen value of this kind, with the defaults of the kind."""
    defaults = defaults_of(kind)

    def read(value: object, path: str) -> Any:
        return kind(**read_object(value, path, what, readers, defaults))

    return read


def defaults_of(kind: type[Any]) -> dict[str, Any]:
    """What a frozen value's fields are when they are not given; fields that must be given are left out."""
    found = {}
    for one in fields(kind):
        if one.default is not MISSING:
            found[one.name] = one.default
        elif one.default_factory is not MISSING:
            found[one.name] = one.default_factory()
    return found
