"""Steps of a long run on standard error.

Belongs here: how progress looks. Does not: what makes progress (orchestration/close.py).
"""

from __future__ import annotations

from typing import Any

from orchestration.cli.output import say


class Display:
    """Steps on standard error: a moving line each on a terminal, one finished line each elsewhere."""

    def __enter__(self) -> Any:
        from rich.console import Console
        from rich.progress import Progress as Bars
        from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

        from orchestration.close import Progress

        console = Console(stderr=True)
        self.bars = Bars(
            SpinnerColumn(finished_text="[green]✓"),
            TextColumn("{task.description}"),
            TimeElapsedColumn(),
            TextColumn("[dim]{task.fields[last]}"),
            console=console,
            disable=not console.is_terminal,
        )
        self.tasks: dict[str, Any] = {}
        self.bars.start()
        return Progress(self._started, self._told, self._ended)

    def __exit__(self, *_: object) -> None:
        self.bars.stop()

    def _started(self, name: str, title: str) -> None:
        self.tasks[name] = self.bars.add_task(title, total=None, last="")

    def _told(self, name: str, message: str) -> None:
        if name in self.tasks:
            self.bars.update(self.tasks[name], last=message)

    def _ended(self, step: Any) -> None:
        mark = "" if step.outcome == "ok" else " [red]failed"
        if step.name in self.tasks:
            self.bars.update(self.tasks[step.name], total=1, completed=1, description=step.title + mark, last="")
        if self.bars.disable:
            say(f"{step.seconds:7.1f} s  {step.title}{' (failed)' if mark else ''}")
