"""`lendhouse model`: train, evaluate, promote and score the MLflow-tracked models."""

from __future__ import annotations

import click


@click.group("model")
def command() -> None:
    """Train, evaluate, promote or score a model.

    \b
    Example:
      lendhouse model train pd
      lendhouse model promote pd
    """
