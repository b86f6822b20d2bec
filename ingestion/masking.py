"""Personal identifiers made safe to keep: a keyed token and the last four characters, or a mask (ID-05).

Belongs here: everything that turns a clear identifier into something else. Does not: whether one is valid
(transforms/kernels/identifiers.py). Nothing here logs or raises with a clear value.
"""

from __future__ import annotations

import base64
import hmac
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

# Identifiers that slipped into a column that is not theirs. Rust's regex has no look-around, so the neighbours that
# must not be letters or digits are captured and put back.
_EDGE = r"(^|[^A-Za-z0-9])"
_PAN_INSIDE = _EDGE + r"[A-Za-z]{5}([0-9]{4}[A-Za-z])"
_AADHAAR_INSIDE = _EDGE + r"[2-9][0-9]{3}[ -]?[0-9]{4}[ -]?([0-9]{4})"
_MOBILE_INSIDE = _EDGE + r"(?:91[ -]?)?[6-9][0-9]{4}[ -]?[0-9]([0-9]{4})"
_LONG_NUMBER_INSIDE = _EDGE + r"[0-9]{5,14}([0-9]{4})"
_AFTER = r"($|[^A-Za-z0-9])"


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
        shape = pattern + _AFTER
        # Twice, because a match eats the separator that the next one needs in front of it.
        value = value.str.replace_all(shape, "${1}" + MASK + "${2}${3}").str.replace_all(
            shape, "${1}" + MASK + "${2}${3}"
        )
    return value


def safe_text(field: Field | None, value: pl.Expr) -> pl.Expr:
    """A received value as quarantine may show it, when it is not a personal column.

    Our own keys are long numbers too and say which row is meant: in them only what looks like a PAN is masked.
    """
    if field is not None and field.type is Type.ID:
        shape = _PAN_INSIDE + _AFTER
        without_pan = value.str.replace_all(shape, "${1}" + MASK + "${2}${3}")
        is_key = value.str.contains(rf"\A(?:{field.pattern})\z") if field.pattern else pl.lit(True)
        return pl.when(is_key).then(without_pan).otherwise(scrubbed(value))
    if field is not None and field.type in (Type.DATE, Type.INSTANT):
        # 2026-11-22 10:00:00 holds no identifier, but anything may stand in the column.
        return pl.when(value.str.contains(r"\A[0-9]{4}-[0-9]{2}-[0-9]{2}")).then(value).otherwise(scrubbed(value))
    return scrubbed(value)
