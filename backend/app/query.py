"""Query parameters, each read once and within limits."""

from flask import request

from app.problems import Refused


def only(*known: str) -> None:
    """Refuse a parameter that nobody reads, and one that is given twice: both are mistakes of the caller."""
    for name, values in request.args.lists():
        if name not in known:
            allowed = f"known here: {', '.join(known)}" if known else "none is known here"
            raise Refused(name, f"there is no such parameter; {allowed}")
        if len(values) > 1:
            raise Refused(name, "give it once")


def text(name: str, *, longest: int) -> str | None:
    """A text of 1 to `longest` characters, or None where it is not given."""
    value = request.args.get(name)
    if value is not None and not 1 <= len(value) <= longest:
        raise Refused(name, f"give 1 to {longest} characters")
    return value


def number(name: str, *, default: int, most: int) -> int:
    """A whole number from 1 to `most`, in ASCII digits."""
    value = request.args.get(name)
    if value is None:
        return default
    # The length first: turning a very long text into a number takes time, and fails past some thousand digits.
    if len(value) > len(str(most)) or not (value.isascii() and value.isdigit()) or not 1 <= int(value) <= most:
        raise Refused(name, f"give a whole number from 1 to {most}")
    return int(value)
