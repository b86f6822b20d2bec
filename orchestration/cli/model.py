"""`lendhouse model`: train, evaluate, promote and score the MLflow-tracked models."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from orchestration.cli.output import json_option, print_json, print_table, refuse

if TYPE_CHECKING:
    from models_ml.pd.score import Scored
    from models_ml.pd.train import Evaluated, Promoted, Trained
    from warehouse.lake import Lake

NAMES = ("pd",)


@click.group("model")
def command() -> None:
    """Train, evaluate, promote or score a model.

    NAME is `pd`: the probability that a business loan is charged off within 36 months of its disbursement. All steps
    work on the newest commit of the lake, are tracked in MLflow, and repeat themselves when nothing has changed.

    \b
    Example:
      lendhouse model train pd
      lendhouse model evaluate pd --version 2
      lendhouse model promote pd
      lendhouse model score pd --json
    """


name_argument = click.argument("name", type=click.Choice(NAMES))
version_option = click.option(
    "--version", "number", type=click.IntRange(min=1), help="Version of the model (default: the latest)."
)


@command.command("train", epilog="Example: lendhouse model train pd")
@name_argument
@json_option
def train(name: str, as_json: bool) -> None:
    """Fit a new version on the loans whose outcome was known before the test period."""

    def step(lake: Lake) -> Trained:
        from models_ml.pd.train import train as fit

        return fit(lake)

    _run(name, step, as_json)


@command.command("evaluate", epilog="Example: lendhouse model evaluate pd --version 2")
@name_argument
@version_option
@json_option
def evaluate(name: str, number: int | None, as_json: bool) -> None:
    """Judge a version on loans made after those it learnt from."""

    def step(lake: Lake) -> Evaluated:
        from models_ml.pd.train import evaluate as judge

        return judge(lake, version=number)

    _run(name, step, as_json)


@command.command("promote", epilog="Example: lendhouse model promote pd --version 2")
@name_argument
@version_option
@json_option
def promote(name: str, number: int | None, as_json: bool) -> None:
    """Make an evaluated version the champion, unless it is worse or too good to be true."""

    def step(lake: Lake) -> Promoted:
        from models_ml.pd.train import promote as choose

        return choose(lake.home, version=number)

    _run(name, step, as_json)


@command.command("score", epilog="Example: lendhouse model score pd")
@name_argument
@json_option
def score(name: str, as_json: bool) -> None:
    """Score the book with the champion; the scores are read in gold after the next publication."""

    def step(lake: Lake) -> Scored:
        from models_ml.pd.score import score as apply

        return apply(lake)

    _run(name, step, as_json)


def _run(name: str, step: Callable[[Lake], Any], as_json: bool) -> None:
    """One step; a version or a book that does not allow it is bad input, and says what to do first."""
    from models_ml.registry import NoSuchModel
    from warehouse.home import Home
    from warehouse.lake import Lake

    try:
        result = step(Lake(Home.from_environment()))
    except (NoSuchModel, ValueError) as error:
        refuse(str(error))
    if as_json:
        print_json({"name": name, **asdict(result)})
    else:
        print_table([name, ""], result.counts().items())
