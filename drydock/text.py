"""Tables, bytes and seconds as people read them. Pure."""

import re
import shlex
from collections.abc import Sequence

SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kKmMgGtT]?)(i?)[bB]?")
# What moves a terminal's cursor, hides or turns text, or cannot be written at all.
HARMFUL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ud800-\udfff\ufeff]")
POWERS = {"": 0, "k": 1, "m": 2, "g": 3, "t": 4}


def human_bytes(size: float) -> str:
    """Bytes in decimal units, as Docker prints them: 1.2 kB, 34 MB."""
    for unit in ("B", "kB", "MB", "GB"):
        text = f"{size:.0f}" if unit == "B" or round(abs(size), 1) >= 100 else f"{size:.1f}"
        if unit == "GB" or abs(float(text)) < 1000:  # 999.9 kB would be shown as 1000
            return f"{text} {unit}"
        size /= 1000
    raise AssertionError("unreachable")


def read_bytes(text: str) -> int:
    """Bytes of a size as Docker prints it and takes it: 4.935MB, 2 GB, 512MiB; ValueError for anything else."""
    found = SIZE.fullmatch(text.strip())
    if not found:
        raise ValueError(f"{text!r} is no size")
    power: int = (1024 if found[3] else 1000) ** POWERS[found[2].lower()]
    return round(float(found[1]) * power)


def known_bytes(size: float | None) -> str:
    """Bytes as people read them, or a word for what could not be weighed."""
    return "unknown" if size is None else human_bytes(size)


def human_seconds(seconds: float) -> str:
    """Seconds with the precision that matters: 0.31 s, 12.4 s, 2 min 5 s."""
    if round(seconds, 2) < 10:
        return f"{seconds:.2f} s"
    if round(seconds, 1) < 60:
        return f"{seconds:.1f} s"
    whole = int(max(seconds, 60))
    return f"{whole // 60} min {whole % 60} s"


def ratio(after: float, before: float) -> str:
    """A quotient with two places, or a dash where there is nothing to divide by."""
    return f"{after / before:.2f}" if before else "-"


def shortened(text: str, width: int) -> str:
    """Text on one line, blanks folded, cut to `width` characters; the last one then says that there is more."""
    line = " ".join(text.split())
    return line if len(line) <= width else line[: max(0, width - 1)].rstrip() + "…"


def harmless(text: str) -> str:
    """Text that others wrote, safe to show: signs that a terminal obeys, or that hide others, are spelt out."""
    return HARMFUL.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def nearest(word: str, known: Sequence[str]) -> str:
    """The one of the known words that was meant, if one is much like it; else the first."""
    from difflib import get_close_matches

    return (get_close_matches(word, known, 1) or known)[0]


def spoken(text: str, program: str, root: str = "") -> str:
    """Text whose commands begin with `program`, the way tasks are started here, instead of `inv`.

    With `root`, each task is told to work there, as the one that speaks was.
    """
    where = f" --root {shlex.quote(root)}" if root else ""
    text = re.sub(r"\binv (?P<task>[a-z][a-z-]*)\b(?! --root)", lambda found: f"inv {found['task']}{where}", text)
    return re.sub(r"\binv (?=[a-z-])", lambda _: f"{program} ", text)


def table(header: Sequence[str], rows: Sequence[Sequence[str]], *, right: Sequence[int] = ()) -> str:
    """Columns padded to their widest cell; the columns named in `right` are aligned to the right."""
    cells = [list(header), *[list(row) for row in rows]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(header))]
    lines = []
    for row in cells:
        padded = [
            cell.rjust(width) if i in right else cell.ljust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(padded).rstrip())
    return "\n".join(lines)
