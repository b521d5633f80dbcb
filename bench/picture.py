"""The terminal picture of the README: runs the commands it shows, draws what they printed, as docs/images/terminal.svg.

python bench/picture.py
"""

import io
import os
import re
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from rich.console import Console  # noqa: E402
from rich.terminal_theme import TerminalTheme  # noqa: E402
from rich.text import Text  # noqa: E402

from drydock import command, files  # noqa: E402

COMMANDS = ("inv build", "inv size")
THEME = TerminalTheme(
    (24, 28, 36),
    (222, 226, 232),
    [
        (60, 66, 78),
        (232, 102, 98),
        (126, 200, 120),
        (226, 184, 92),
        (104, 160, 236),
        (194, 138, 222),
        (96, 196, 200),
        (222, 226, 232),
    ],
)
# No font is fetched: a picture in a README may load nothing from elsewhere.
FORMAT = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {terminal_width} {height}" role="img"
  aria-label="{label}">
<style>
.{unique_id}-matrix {{
  font: {char_height}px/{line_height}px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace;
}}
{styles}
</style>
<defs>{lines}</defs>
<rect width="{terminal_width}" height="{height}" rx="8" fill="#181c24"/>
<g transform="translate(14, 16)">
{backgrounds}
<g class="{unique_id}-matrix">{matrix}</g>
</g>
</svg>
"""


def main() -> None:
    """Run, draw, write."""
    text = Text()
    for line in COMMANDS:
        text.append("$ ", "dim").append(line + "\n", "bold")
        text.append(Text.from_ansi(printed(shlex.split(line)))).append("\n\n")
    text.right_crop(2)
    target = ROOT / "docs" / "images" / "terminal.svg"
    files.replace(target, draw(text))
    sys.stdout.write(f"written: {target.relative_to(ROOT)}\n")


def printed(words: Sequence[str]) -> str:
    """What a task prints, in colour, with stderr first as it comes on a terminal; fails if the task does."""
    argv = [sys.executable, "-m", "invoke", *words[1:]]
    result = command.run(argv, env={**os.environ, "FORCE_COLOR": "1", "COLUMNS": "110"}, cwd=ROOT)
    if not result.ok:
        raise SystemExit(f"{shlex.join(words)} failed:\n{result.err}")
    return (result.err + result.out).rstrip("\n").replace(str(ROOT), "~/drydock")


def draw(text: Text) -> str:
    """Text with styles as an SVG that needs no font and no script."""
    width = max(line.cell_len for line in text.split("\n")) + 2
    console = Console(record=True, width=width, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    console.print(text, soft_wrap=True)
    label = "A terminal: " + ", ".join(COMMANDS)
    code = FORMAT.replace("{label}", label)
    height = round((len(text.split("\n")) + 1) * 24.4 + 24)
    svg = console.export_svg(theme=THEME, code_format=code.replace("{height}", str(height)), unique_id="drydock")
    return re.sub(r"[ \t]+$", "", svg, flags=re.MULTILINE)


if __name__ == "__main__":
    main()
