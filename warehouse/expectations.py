"""Great Expectations suites, written from the contracts: what is expected of the rows others send us.

Belongs here: each claim of a bronze contract as one expectation, as JSON. Does not: running them (ingestion), checks
that the contract does not name. Great Expectations itself is not imported: it takes seconds to load.

A suite looks at a frame that ingestion prepares (ingestion/expectations_run.py): the contract's columns in their types,
identifiers as tokens, and columns of flags for what one column alone cannot say: `rule:<name>` (the rule or agreement
holds), `known:<column>` (the reference is known), `key:consistent` (the key did not come before with other content),
and `<column>:unreadable` (the text received where it was not of the column's type).
"""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from warehouse.contracts import registry
from warehouse.contracts.receipt import TOKEN_PATTERN
from warehouse.contracts.table import Field, Rule, Table, Type
from warehouse.home import REPOSITORY

FOLDER = REPOSITORY / "ingestion" / "expectations"
# How ingestion masks a PAN (its last five characters are shown), and a number of a person.
MASKED_PAN = r"^XXXX[0-9]{4}[A-Za-z]\Z"
MASKED_IDENTIFIER = r"^XXXX[0-9]{4}[A-Za-z]?\Z"
TEXTS = (Type.ID, Type.CODE, Type.TEXT, Type.TOKEN)


def rendered() -> dict[Path, str]:
    """Each suite's file and what it should hold."""
    return {FOLDER / f"{table.name}.json": json.dumps(suite(table), indent=1) + "\n" for table in registry.BRONZE}


def suite(table: Table) -> dict[str, Any]:
    """One table's suite. Each expectation's meta names the check of the row gate that it must agree with."""
    expectations = [e for field in table.fields for e in _of_field(field, table)]
    expectations += [of_rule(rule) for rule in table.rules]
    for agreement in table.agreements:
        expectations.append(_is_true(f"rule:{agreement.name}", agreement.name, agreement.columns, agreement.reason))
    for name, target in table.references.items():
        expectations.append(_is_true(f"known:{name}", "known", (name,), f"{name} is in {target}"))
    different = f"the key {', '.join(table.grain)} did not come before with different content"
    expectations.append(_is_true("key:consistent", "consistent", table.grain, different))
    return {"name": table.name, "expectations": expectations, "meta": {"table": table.meaning}}


def of_rule(rule: Rule) -> dict[str, Any]:
    """A claim over several columns, a contract's or a source's own."""
    return _is_true(f"rule:{rule.name}", rule.name, rule.columns, rule.reason)


def _of_field(field: Field, table: Table) -> list[dict[str, Any]]:
    found = []
    if field.type not in TEXTS:
        found.append(
            _expectation("expect_column_values_to_be_null", f"{field.name}:unreadable", "readable", _kind(field))
        )
    if table.is_required(field.name):
        found.append(_expectation("expect_column_values_to_not_be_null", field.name, "required", "required"))
    if field.codes is not None:
        found.append(
            _expectation(
                "expect_column_values_to_be_in_set", field.name, "in_codes", field.meaning, value_set=list(field.codes)
            )
        )
    if field.pattern is not None:
        found.append(_matches(field.name, "shaped", field.meaning, field.pattern))
    if field.type is Type.ID:
        found.append(
            _expectation(
                "expect_column_values_to_not_match_regex",
                field.name,
                "not_personal",
                "a key is no identifier of a person (one would be shown masked)"
                if field.names_person
                else "a key is no PAN (a PAN would be shown masked)",
                regex=MASKED_IDENTIFIER if field.names_person else MASKED_PAN,
            )
        )
    if field.personal is not None:
        found.append(_matches(field.name, "valid", f"a valid {field.meaning}, shown as its token", TOKEN_PATTERN))
    return found + _bounds(field)


def _bounds(field: Field) -> list[dict[str, Any]]:
    found = []
    if field.minimum is not None:
        found.append(_between(field, "minimum", f"at least {field.minimum}", min_value=_plain(field.minimum)))
    if field.maximum is not None:
        found.append(_between(field, "maximum", f"at most {field.maximum}", max_value=_plain(field.maximum)))
    if field.type is Type.DATE and not field.may_be_future:
        day = {"$PARAMETER": "received_on"}
        found.append(_between(field, "not_future", "not after the day of receipt", max_value=day))
    if field.type is Type.INSTANT and not field.may_be_future:
        end = {"$PARAMETER": "received_day_end"}
        found.append(_between(field, "not_future", "not after the day of receipt", max_value=end, strict_max=True))
    return found


def _between(field: Field, check: str, meaning: str, **bounds: Any) -> dict[str, Any]:
    return _expectation("expect_column_values_to_be_between", field.name, check, meaning, **bounds)


def _matches(column: str, check: str, meaning: str, pattern: str) -> dict[str, Any]:
    # Python's `$` also stands before a last line end; `\Z` does not.
    regex = rf"^(?:{pattern})\Z"
    return _expectation("expect_column_values_to_match_regex", column, check, meaning, regex=regex)


def _is_true(column: str, check: str, columns: tuple[str, ...], meaning: str) -> dict[str, Any]:
    expectation = _expectation("expect_column_values_to_be_in_set", column, check, meaning, value_set=[True])
    expectation["meta"]["columns"] = list(columns)
    return expectation


def _expectation(kind: str, column: str, check: str, meaning: str, **kwargs: Any) -> dict[str, Any]:
    columns = [column.removesuffix(":unreadable")]
    return {
        "type": kind,
        "kwargs": {"column": column, **kwargs},
        "meta": {"check": check, "columns": columns, "notes": {"format": "string", "content": [meaning]}},
    }


def _kind(field: Field) -> str:
    return f"every value is a {field.type.value}" if field.type is not Type.INSTANT else "every value is an instant"


def _plain(bound: Decimal | int | date) -> float | int | str:
    """A bound as JSON. A money bound is exact as a float: bounds are whole paise far below 2**53."""
    if isinstance(bound, Decimal):
        return int(bound) if bound == bound.to_integral_value() else float(bound)
    return bound.isoformat() if isinstance(bound, date) else bound
