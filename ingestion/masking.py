"""Personal identifiers made safe to keep: a keyed token and the last four characters, or a mask (ID-05).

Belongs here: everything that turns a clear identifier into something else. Does not: whether one is valid
(transforms/kernels/identifiers.py). Nothing here logs or raises with a clear value.
"""

from __future__ import annotations

import base64
import hmac
import re
from collections.abc import Callable

import polars as pl

from transforms.kernels import identifiers
from warehouse.contracts.table import Field, Table, Type

MASK = "XXXX"
TOKEN_BYTES = 18

VALID: dict[str, Callable[[pl.Series], pl.Series]] = {
    "pan": identifiers.are_pan,
    "aadhaar": identifiers.are_aadhaar,
    "mobile": identifiers.are_mobile,
    "account": identifiers.are_account_numbers,
}
EXPECTED = {
    "pan": "five letters, four digits and a letter, in capitals",
    "aadhaar": "twelve digits with a valid check digit",
    "mobile": "ten digits, the first 6 to 9",
    "account": "nine to eighteen digits",
}

# Wider than a valid PAN: a mistyped one is as private.
PAN_LIKE = "[A-Za-z]{5}[0-9]{4}[A-Za-z]"

# Identifiers that slipped into a column that is not theirs. Rust's regex has no look-around, so the neighbours that
# must not be letters or digits are captured and put back.
_EDGE, _AFTER = r"(^|[^A-Za-z0-9])", r"($|[^A-Za-z0-9])"
_NO_DIGIT, _NO_DIGIT_AFTER = r"(^|[^0-9])", r"($|[^0-9])"
_PAN_INSIDE = _EDGE + r"[A-Za-z]{5}([0-9]{4}[A-Za-z])" + _AFTER
_AADHAAR_INSIDE = _NO_DIGIT + r"[2-9][0-9]{3}[ -]?[0-9]{4}[ -]?([0-9]{4})" + _NO_DIGIT_AFTER
_MOBILE_INSIDE = _NO_DIGIT + r"(?:91[ -]?)?[6-9][0-9]{4}[ -]?[0-9]([0-9]{4})" + _NO_DIGIT_AFTER
_LONG_NUMBER_INSIDE = _NO_DIGIT + r"[0-9]{5,14}([0-9]{4})" + _NO_DIGIT_AFTER
_KEPT = "${1}" + MASK + "${2}${3}"
# In a reference, long numbers are the banks' own; these are a person's: a UPI address, a number with +91, 4-4-4 digits.
_UPI_INSIDE = _NO_DIGIT + r"[6-9][0-9]{5}([0-9]{4})(@)"
_DIALLED_INSIDE = r"(\+)91[ -]?[6-9][0-9]{4}[ -]?[0-9]([0-9]{4})" + _NO_DIGIT_AFTER
_GROUPED_INSIDE = _NO_DIGIT + r"[2-9][0-9]{3}[ -][0-9]{4}[ -]([0-9]{4})" + _NO_DIGIT_AFTER
_REFERENCES = ("_reference", "_number")
# In the name of a file: what has the form of a PAN (not "loans2026a"), and long numbers but for those programs write, a
# time (with or without seconds or fractions) and a Unix time.
_PAN_IN_NAME = re.compile(
    r"(?<![A-Z])[A-Z]{3}[ABCFGHJLPT][A-Z](?=[0-9]{4}[A-Z](?![A-Za-z0-9]))"
    r"|(?<![A-Za-z0-9])[a-z]{3}[abcfghjlpt][a-z](?=[0-9]{4}[a-z](?![A-Za-z0-9]))"
)
_NUMBER_IN_NAME = re.compile(
    r"(?<![0-9])(?:[2-9][0-9]{3}[ -][0-9]{4}[ -][0-9]{4}|(?:91[ -]?)?[6-9][0-9]{4}[ -]?[0-9]{5}|[0-9]{9,})(?![0-9])"
)
_TIME_IN_NAME = re.compile(
    r"20[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])([01][0-9]|2[0-3])([0-5][0-9]){0,2}([0-9]{3}|[0-9]{6})?"
    r"|1[0-9]{9}([0-9]{3})?"
)


def personal_fields(table: Table) -> tuple[Field, ...]:
    return tuple(field for field in table.fields if field.personal is not None)


def normalised(field: Field) -> pl.Expr:
    """The identifier without the spaces and hyphens people write; a mobile also without +91."""
    text = pl.col(field.name).str.replace_all(r"[\s-]", "")
    return text.str.replace(r"\A\+91", "") if field.personal == "mobile" else text


def token(key: bytes, kind: str, identifier: str) -> str:
    """HMAC-SHA256 of the identifier under the installation's key, 144 bits of it; equal numbers, equal tokens.

    The kind is part of the message, so that a mobile and an account number of the same digits do not meet.
    """
    digest = hmac.digest(key, f"{kind}:{identifier}".encode(), "sha256")
    return "tok_" + base64.urlsafe_b64encode(digest[:TOKEN_BYTES]).decode("ascii")


def tokens(key: bytes, kind: str, identifiers_: pl.Series) -> pl.Series:
    """token() of a column; null stays null."""
    return pl.Series(
        identifiers_.name,
        [None if text is None else token(key, kind, text) for text in identifiers_.to_list()],
        dtype=pl.String,
    )


def tokenised(frame: pl.DataFrame, table: Table, key: bytes) -> pl.DataFrame:
    """Each personal column, valid and normalised, replaced by <name>_token and <name>_last4."""
    for field in personal_fields(table):
        assert field.personal is not None
        frame = frame.with_columns(
            tokens(key, field.personal, frame[field.name]).alias(f"{field.name}_token"),
            pl.col(field.name).str.tail(4).alias(f"{field.name}_last4"),
        ).drop(field.name)
    return frame


def masked(value: pl.Expr) -> pl.Expr:
    """A personal value that is no valid identifier: its last four characters at most, nothing of a short one."""
    return (
        pl.when(value.is_null())
        .then(None)
        .when(value.str.len_chars() > 8)
        .then(pl.concat_str(pl.lit(MASK), value.str.tail(4)))
        .otherwise(pl.lit(MASK))
    )


def scrubbed(value: pl.Expr) -> pl.Expr:
    """Text with everything that looks like a PAN, Aadhaar, mobile or account number masked."""
    for pattern in (_PAN_INSIDE, _AADHAAR_INSIDE, _MOBILE_INSIDE, _LONG_NUMBER_INSIDE):
        value = _replaced(value, pattern)
    return value


def scrubbed_reference(value: pl.Expr) -> pl.Expr:
    """A reference with what can only be a person's masked; other long numbers are what the reference is."""
    for shape in (_PAN_INSIDE, _UPI_INSIDE, _DIALLED_INSIDE, _GROUPED_INSIDE):
        value = _replaced(value, shape)
    return value


def is_number_of_person(key: pl.Expr) -> pl.Expr:
    """Whether the key of a person is a mobile number or a valid Aadhaar, with hyphens or without."""
    digits = key.str.replace_all("-", "", literal=True)
    is_mobile = digits.str.contains(rf"\A(?:91)?{identifiers.MOBILE_PATTERN}\z")
    return is_mobile | digits.map_batches(identifiers.are_aadhaar, return_dtype=pl.Boolean)


def safe_name(name: str) -> str:
    """The name of a file, folder or sheet as it may be kept: loans_9876501234.csv becomes loans_XXXX1234.csv."""

    def masked_number(found: re.Match[str]) -> str:
        return found[0] if _TIME_IN_NAME.fullmatch(found[0]) else MASK + found[0][-4:]

    return _NUMBER_IN_NAME.sub(masked_number, _PAN_IN_NAME.sub(MASK, name))


def _replaced(value: pl.Expr, shape: str) -> pl.Expr:
    # Twice, because a match eats the separator that the next one needs in front of it.
    return value.str.replace_all(shape, _KEPT).str.replace_all(shape, _KEPT)


def without_hidden(frame: pl.DataFrame, table: Table) -> tuple[pl.DataFrame, int]:
    """The frame with identifiers in free text masked, and how many rows had one.

    Free text is what no code, pattern or check digit guards: names, reasons, references.
    """
    rows = pl.zeros(frame.height, pl.Boolean, eager=True)
    for field in table.fields:
        if field.type is not Type.TEXT or field.personal is not None or field.pattern is not None:
            continue
        text = frame[field.name]
        # Nearly all text holds no number of four digits: the patterns run on the rest only.
        suspects = text.str.contains("[0-9]{4}").fill_null(False).arg_true()
        if suspects.is_empty():
            continue
        scrub = scrubbed_reference if field.name.endswith(_REFERENCES) else scrubbed
        safe = text.gather(suspects).to_frame().select(scrub(pl.col(field.name))).to_series()
        changed = suspects.filter(safe != text.gather(suspects))
        if not changed.is_empty():
            frame = frame.with_columns(text.clone().scatter(suspects, safe).alias(field.name))
            rows = rows.scatter(changed, True)
    return frame, int(rows.sum())


def safe_text(field: Field | None, value: pl.Expr) -> pl.Expr:
    """A received value as quarantine may show it, when it is not a personal column.

    Our own keys are long numbers too and say which row is meant: in them only what looks like a PAN is masked, and in
    the key of a person a mobile number or an Aadhaar.
    """
    if field is not None and field.type is Type.ID:
        without_pan = _replaced(value, _PAN_INSIDE)
        if field.names_person:
            without_pan = pl.when(is_number_of_person(value)).then(masked(value)).otherwise(without_pan)
        is_key = value.str.contains(rf"\A(?:{field.pattern})\z") if field.pattern else pl.lit(True)
        return pl.when(is_key).then(without_pan).otherwise(scrubbed(value))
    if field is not None and field.type in (Type.DATE, Type.INSTANT):
        # 2026-11-22 10:00:00 holds no identifier, but anything may stand in the column.
        return pl.when(value.str.contains(r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}")).then(value).otherwise(scrubbed(value))
    return scrubbed(value)
