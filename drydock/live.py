"""The build as it happens, redrawn on a terminal. Imported only there: rich is slow to start."""

import time
from dataclasses import field
from typing import TextIO

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from drydock.builds.told import Running, Snapshot
from drydock.text import human_seconds
from drydock.values import dataclass

REFRESHES = 8  # a second


@dataclass
class Display:
    """Draws the last snapshot until it is stopped; the clock goes on while the engine says nothing."""

    stream: TextIO
    colour: bool
    _snapshot: Snapshot = field(default=Snapshot((), 0.0))
    _began: float = field(default_factory=time.monotonic)
    _live: Live | None = None

    def show(self, snapshot: Snapshot) -> None:
        """Draw this from now on; the first one starts the display."""
        self._snapshot = snapshot
        if self._live is None:
            console = Console(file=self.stream, no_color=not self.colour, highlight=False)
            self._live = Live(get_renderable=self._draw, console=console, refresh_per_second=REFRESHES, transient=True)
            self._live.start()

    def say(self, line: str) -> None:
        """Write a line above the display."""
        if self._live:
            self._live.console.print(Text.from_ansi(line))

    def stop(self) -> None:
        """Take the display away."""
        if self._live:
            self._live.stop()
            self._live = None

    def _draw(self) -> Table:
        elapsed = time.monotonic() - self._began
        grid = Table.grid(padding=(0, 2))
        grid.add_column(style="bold", no_wrap=True)
        grid.add_column(no_wrap=True, justify="right")
        grid.add_column(no_wrap=True)
        grid.add_column(ratio=1)  # the one column that gives way where the terminal is narrow
        for image in self._snapshot.images:
            grid.add_row(
                image.image,
                _count(image),
                _clock(image, elapsed),
                Text(_step(image), no_wrap=True, overflow="ellipsis"),
            )
        return grid


def _count(image: Running) -> str:
    cached = f", {image.cached} cached" if image.cached else ""
    return f"{image.done}/{image.total}{cached}" if image.total else ""


def _clock(image: Running, elapsed: float) -> str:
    if image.over:
        return "done"
    return human_seconds(elapsed) + (f" of about {human_seconds(image.expected)}" if image.expected else "")


def _step(image: Running) -> str:
    return "" if image.over else " ".join(image.step.split())
