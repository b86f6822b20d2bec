"""`lendhouse loan`: schedule, state, payoff, key facts and statement of loans given as documents."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from orchestration.cli.output import json_option, print_json, refuse, say

if TYPE_CHECKING:
    from transforms.kernels.kfs import KeyFacts
    from transforms.kernels.loan import Loan
    from transforms.kernels.statement import Statement

    Figures = dict[str, Any]

T = TypeVar("T")
DAY = click.DateTime(["%Y-%m-%d"])
file_argument = click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
known_at_option = click.option(
    "--known-at", metavar="INSTANT", help="As known at this instant, with its offset (default: all that is known)."
)
pdf_option = click.option(
    "--pdf", metavar="OUT", type=click.Path(dir_okay=False, path_type=Path), help="Write the document for the borrower."
)
language_option = click.option(
    "--language", type=click.Choice(("en", "hi")), default="en", help="Language of the document (default: en)."
)


@click.group("loan")
def command() -> None:
    """What a loan owes: schedule, replay, payoff, Key Facts Statement and statement of account.

    FILE holds one loan document or a list of them (JSON); `-` reads standard input. A document in a list that is at
    fault refuses the whole call.

    \b
    Example:
      lendhouse loan schedule loan.json
      lendhouse loan replay loan.json --as-of 2026-03-31 --json
      lendhouse loan payoff loan.json --on 2026-04-10
    """


@command.command("schedule")
@file_argument
@json_option
def schedule(file: Path, as_json: bool) -> None:
    """Print the contractual schedule; later events are ignored.

    \b
    Example:
      lendhouse loan schedule loan.json
    """

    def figures(loan: Loan) -> Figures:
        from orchestration.cli.loan_output import schedule_figures
        from transforms.kernels.replay import schedule_of

        return schedule_figures(schedule_of(loan), loan.currency)

    _print(file, figures, as_json)


@command.command("replay")
@file_argument
@click.option("--as-of", type=DAY, required=True, help="The day at whose end the loan is seen.")
@known_at_option
@json_option
def replay(file: Path, as_of: datetime, known_at: str | None, as_json: bool) -> None:
    """Print the loan's state and every payment's allocation at the day-end of a day.

    \b
    Example:
      lendhouse loan replay loan.json --as-of 2026-03-31
      lendhouse loan replay loan.json --as-of 2026-03-31 --known-at 2026-04-01T09:00:00+05:30 --json
    """
    known = _instant(known_at)

    def figures(loan: Loan) -> Figures:
        from orchestration.cli.loan_output import state_figures
        from transforms.kernels.replay import replay as replay_loan

        return state_figures(replay_loan(loan, as_of.date(), known), loan.currency)

    _print(file, figures, as_json)


@command.command("payoff")
@file_argument
@click.option("--on", type=DAY, required=True, help="The day on which the loan is to be closed.")
@known_at_option
@json_option
def payoff(file: Path, on: datetime, known_at: str | None, as_json: bool) -> None:
    """Print what closes the loan on a day.

    \b
    Example:
      lendhouse loan payoff loan.json --on 2026-04-10
    """
    known = _instant(known_at)

    def figures(loan: Loan) -> Figures:
        from orchestration.cli.loan_output import payoff_figures
        from transforms.kernels.replay import payoff as payoff_of

        return payoff_figures(payoff_of(loan, on.date(), known), loan.currency)

    _print(file, figures, as_json)


@command.command("kfs")
@file_argument
@pdf_option
@language_option
@json_option
def kfs(file: Path, pdf: Path | None, language: str, as_json: bool) -> None:
    """Print the figures of the Key Facts Statement, with the APR.

    \b
    Example:
      lendhouse loan kfs loan.json
      lendhouse loan kfs loan.json --pdf kfs.pdf --language hi
    """

    def facts_of(loan: Loan) -> tuple[Loan, KeyFacts]:
        from transforms.kernels.kfs import key_facts

        return loan, key_facts(loan)

    found, is_list = _computed(file, facts_of)
    if pdf:
        from transforms.documents.kfs_pdf import key_facts_pdf

        _write(pdf, lambda: key_facts_pdf(*_only(found), language=language))
    from transforms.documents.as_json import key_facts_json

    _show([key_facts_json(facts, loan.currency) for loan, facts in found], is_list, as_json)


@command.command("statement")
@file_argument
@click.option("--from", "from_on", type=DAY, required=True, help="The first day of the statement.")
@click.option("--to", "to_on", type=DAY, required=True, help="The last day of the statement.")
@known_at_option
@pdf_option
@language_option
@json_option
def statement(
    file: Path,
    from_on: datetime,
    to_on: datetime,
    known_at: str | None,
    pdf: Path | None,
    language: str,
    as_json: bool,
) -> None:
    """Print the statement of account between two days, both included.

    \b
    Example:
      lendhouse loan statement loan.json --from 2025-04-01 --to 2026-03-31
      lendhouse loan statement loan.json --from 2025-04-01 --to 2026-03-31 --pdf statement.pdf
    """
    known = _instant(known_at)

    def statement_of(loan: Loan) -> Statement:
        from transforms.kernels.statement import statement as of_account

        return of_account(loan, from_on.date(), to_on.date(), known)

    found, is_list = _computed(file, statement_of)
    if pdf:
        from transforms.documents.statement_pdf import statement_pdf

        _write(pdf, lambda: statement_pdf(_only(found), language=language))
    from transforms.documents.as_json import statement_json

    _show([statement_json(one) for one in found], is_list, as_json)


def _print(file: Path, figures_of: Callable[[Loan], Figures], as_json: bool) -> None:
    """Print the figures of each loan in the file, in the file's shape, once all of them are known."""
    _show(*_computed(file, figures_of), as_json)


def _show(figures: list[Figures], is_list: bool, as_json: bool) -> None:
    if as_json:
        print_json(figures if is_list else figures[0])
    else:
        from orchestration.cli.loan_output import print_figures

        print_figures(figures)


def _only(found: list[T]) -> T:
    """What a PDF is made of: it is one loan's."""
    if len(found) > 1:
        refuse(f"--pdf: a document is of one loan, the file holds {len(found)}")
    return found[0]


def _write(out: Path, rendered: Callable[[], bytes]) -> None:
    """Write a document whole or not at all."""
    if not out.parent.is_dir():
        refuse(f"--pdf: the folder {out.parent} does not exist")
    content, beside = rendered(), out.with_name(f".{out.name}.part")
    beside.write_bytes(content)
    beside.replace(out)
    say(f"written to {out}")


def _computed(file: Path, compute: Callable[[Loan], T]) -> tuple[list[T], bool]:
    """(what follows from each loan in the file, whether the file holds a list). Refuses (exit status 2) the whole file
    when one loan is refused. Charges on prepayment that no rule allows are left out (PP-01, PP-02)."""
    from orchestration.cli.documents import read_documents
    from transforms.kernels.document import loans_from
    from transforms.kernels.loan import LoanRefused
    from transforms.kernels.prepayment_rules import as_the_law_allows
    from transforms.norms import prepayment_rules

    documents = read_documents(file)
    try:
        loans = [as_the_law_allows(loan, prepayment_rules()) for loan in loans_from(documents)]
    except LoanRefused as refused:
        refuse(str(refused))
    is_list, found = isinstance(documents, list), []
    for place, loan in enumerate(loans):
        try:
            found.append(compute(loan))
        except LoanRefused as refused:  # of the loan alone: the kernel does not know of its place in a list
            where = f"[{place}].{refused.field}".rstrip(".") if is_list else refused.field
            refuse(str(LoanRefused(where, refused.problem)))
    return found, is_list


def _instant(text: str | None) -> datetime | None:
    """The instant of --known-at."""
    if text is None:
        return None
    from transforms.kernels.document_fields import instant
    from transforms.kernels.loan import LoanRefused

    try:
        found: datetime = instant(text, "known_at")
    except LoanRefused as refused:
        refuse(str(refused))
    return found
