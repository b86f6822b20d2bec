"""What is written from the contracts is written, and says what the contracts say."""

from __future__ import annotations

from warehouse.contracts import registry
from warehouse.contracts.glossary import TERMS
from warehouse.home import REPOSITORY
from warehouse.render import dictionary, rendered, stale


def test_a_rendering_would_change_no_file() -> None:
    differs = [
        str(path.relative_to(REPOSITORY))
        for path, text in rendered().items()
        if not path.exists() or path.read_text("utf-8") != text
    ]
    assert differs == [], "run `make contracts`"


def test_no_rendered_file_is_left_over_from_a_table_that_is_gone() -> None:
    assert stale() == []


def test_the_dictionary_describes_every_column_of_every_table() -> None:
    text = dictionary()
    for table in registry.tables():
        section = text.split(f"### {table.qualified}\n")[1].split("\n### ")[0]
        for field in table.stored_fields():
            assert f"| {field.name} |" in section or f"| **{field.name}** |" in section, (table.qualified, field.name)


def test_the_dictionary_has_every_table_that_a_lake_can_have() -> None:
    text = dictionary()
    for name in ("bronze.watermarks", "gold.check_results", "gold.closings"):
        assert f"### {name}\n" in text


def test_identifiers_are_in_the_dictionary_as_tokens_only() -> None:
    customers = dictionary().split("### bronze.customers\n")[1].split("\n### ")[0]
    names = {line.split("|")[1].strip(" *") for line in customers.splitlines() if line.startswith("| ")}
    assert {"pan_token", "pan_last4", "aadhaar_token", "aadhaar_last4"} <= names
    assert names.isdisjoint({"pan", "aadhaar", "mobile", "account_number"})


def test_a_word_is_in_the_glossary_once() -> None:
    words = [term.word.lower() for term in TERMS]
    assert sorted(words) == sorted(set(words))
