"""Single figures of a capture, found by the words that lead to them, for a sentence that quotes one. Pure."""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Any

from drydock.errors import Misuse
from drydock.text import human_bytes, human_seconds, ratio

QUOTIENT, DIFFERENCE = "/", ".."


def quoted(document: Mapping[str, Any], words: Sequence[str]) -> str:
    """The figure that `words` lead to, as text in its unit.

    Each word is a key (blanks written as dashes) or the `name` of an entry of a list; runs count as their median.
    One word may name two: `A/B` gives the first divided by the second, `A..B` what the second has more than the
    first. As the last word it names two figures of the same runs, and these are subtracted run by run; before that it
    names two states, and their medians are subtracted. Words that lead to no figure raise Misuse.
    """
    for mark in (QUOTIENT, DIFFERENCE):
        for at, word in enumerate(words):
            one, found, other = word.partition(mark)
            if found and one and other:
                first, second = (_at(document, [*words[:at], half, *words[at + 1 :]]) for half in (one, other))
                if mark == QUOTIENT:
                    return ratio(_middle(first), _middle(second))
                paired = at == len(words) - 1
                return _shown(_more(first, second, paired=paired), words[-1])
    return _shown(_middle(_at(document, words)), words[-1])


def _at(document: Mapping[str, Any], words: Sequence[str]) -> float | Sequence[float]:
    """A number, or the numbers of several runs."""
    value: Any = document
    for word in words:
        entries = value.items() if isinstance(value, Mapping) else _named(value)
        found = [entry for key, entry in entries if word in (key, str(key).replace(" ", "-"))]
        if not found:
            known = ", ".join(str(key).replace(" ", "-") for key, _ in entries) or "nothing below it"
            raise Misuse(f"the capture has no figure {' '.join(words)}: no {word}", remedy=f"one of: {known}")
        value = found[0]
    if _is_figure(value) or (isinstance(value, list) and value and all(_is_figure(run) for run in value)):
        figure: float | Sequence[float] = value
        return figure
    raise Misuse(
        f"{' '.join(words)} is no figure of the capture", remedy="name one that is a number, or a list of them"
    )


def _named(value: Any) -> list[tuple[str, Any]]:
    entries = value if isinstance(value, list) else []
    return [(entry["name"], entry) for entry in entries if isinstance(entry, dict) and "name" in entry]


def _is_figure(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _middle(value: float | Sequence[float]) -> float:
    return median(value) if isinstance(value, Sequence) else value


def _more(first: float | Sequence[float], second: float | Sequence[float], *, paired: bool) -> float:
    if paired and isinstance(first, Sequence) and isinstance(second, Sequence):
        return median(b - a for a, b in zip(first, second, strict=True))
    return _middle(second) - _middle(first)


def _shown(value: float, key: str) -> str:
    """A figure in the unit that its key names: seconds, bytes, or none."""
    if "bytes" in key:
        return human_bytes(value)
    if "seconds" in key or key.replace(DIFFERENCE, " ").split()[0] in ("bare", "ours", "allowed"):
        return human_seconds(value)
    return f"{value:g}"
