"""Pictures as SVG text: a few marks, one style sheet for light and dark, a title and a description for readers. Pure.

Nothing is fetched and nothing runs; text stays text. Every place is written with one decimal, so that the same values
give the same bytes on every machine.
"""

import html
import re
from collections.abc import Iterable

# Blue and orange stay apart for eyes that take red and green for the same; shape and place say it again.
COLOURS = {  # what it is for: (property, light, dark)
    "paper": ("fill", "#ffffff", "#0d1117"),
    "edge": ("stroke", "#d1d9e0", "#3d444d"),
    "ink": ("fill", "#1f2328", "#f0f6fc"),
    "faint": ("fill", "#59636e", "#9198a1"),
    "grid": ("stroke", "#d8dee4", "#30363d"),
    "before": ("fill", "#bf5b00", "#e69f00"),
    "after": ("fill", "#0969da", "#58a6ff"),
    "before-line": ("stroke", "#bf5b00", "#e69f00"),
    "after-line": ("stroke", "#0969da", "#58a6ff"),
    "value": ("stroke", "#ffffff", "#0d1117"),
    "good": ("fill", "#1a7f37", "#3fb950"),
    "warn": ("fill", "#9a6700", "#d29922"),
    "bad": ("fill", "#cf222e", "#f85149"),
    "note": ("fill", "#0969da", "#58a6ff"),
    "muted": ("fill", "#afb8c1", "#6e7681"),
}
FORMS = """\
text { font: 12px system-ui, -apple-system, "Segoe UI", "Helvetica Neue", Arial, sans-serif; }
.title { font-size: 15px; font-weight: 600; }
.small { font-size: 11px; }
.code { font: 11px ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; white-space: pre; }
.strong { font-weight: 600; }
.middle { text-anchor: middle; }
.end { text-anchor: end; }
.value { font-size: 11px; stroke-width: 3px; paint-order: stroke; }
.run { opacity: 0.45; }"""
UNWRITABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]"
)  # XML has no way to write them


def picture(title: str, description: str, width: float, height: float, marks: Iterable[str]) -> str:
    """A whole picture; `title` and `description` are what a reader hears, with the figures."""
    return "\n".join(
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_n(width)} {_n(height)}" width="{_n(width)}" '
            f'height="{_n(height)}" role="img" aria-labelledby="title description">',
            f'<title id="title">{_escaped(title)}</title>',
            f'<desc id="description">{_escaped(description)}</desc>',
            f"<style>\n{FORMS}\n{_rules(1)}\n@media (prefers-color-scheme: dark) {{\n{_rules(2)}\n}}\n</style>",
            f'<rect class="paper edge" x="0.5" y="0.5" width="{_n(width - 1)}" height="{_n(height - 1)}" rx="6"/>',
            *marks,
            "</svg>\n",
        )
    )


def text(x: float, y: float, content: str, kind: str = "ink") -> str:
    """Words whose line is at `y`; `kind` names classes of the style sheet."""
    return f'<text class="{kind}" x="{_n(x)}" y="{_n(y)}">{_escaped(content)}</text>'


def rect(x: float, y: float, width: float, height: float, kind: str) -> str:
    """A bar; one that would vanish keeps the width of a hair."""
    return (
        f'<rect class="{kind}" x="{_n(x)}" y="{_n(y)}" width="{_n(max(width, 1.5))}" height="{_n(height)}" rx="1.5"/>'
    )


def line(x: float, y: float, to_x: float, to_y: float, kind: str) -> str:
    """A straight line."""
    return f'<line class="{kind}" x1="{_n(x)}" y1="{_n(y)}" x2="{_n(to_x)}" y2="{_n(to_y)}"/>'


def dot(x: float, y: float, radius: float, kind: str) -> str:
    """A filled circle."""
    return f'<circle class="{kind}" cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}"/>'


def diamond(x: float, y: float, radius: float, kind: str) -> str:
    """A square on its corner."""
    corners = ((x, y - radius), (x + radius, y), (x, y + radius), (x - radius, y))
    return f'<polygon class="{kind}" points="{" ".join(f"{_n(a)},{_n(b)}" for a, b in corners)}"/>'


def _rules(scheme: int) -> str:
    return "\n".join(f".{name} {{ {value[0]}: {value[scheme]}; }}" for name, value in COLOURS.items())


def _n(number: float) -> str:
    return f"{number + 0.0:.1f}".removesuffix(".0")


def _escaped(words: str) -> str:
    return html.escape(UNWRITABLE.sub("\ufffd", words), quote=False)
