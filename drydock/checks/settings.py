"""The repository's own settings: the compose file, and `.env` held against `.env.example`."""

import io
import re
from collections.abc import Sequence
from difflib import get_close_matches

from drydock.checks import Verdict, fail, ok, warn

UNSET = re.compile(r"^#\s?([A-Z][A-Z0-9_]*)=", re.MULTILINE)  # a line of the example that is commented out


def compose_file(
    services: Sequence[str], problem: str, remedy: str, *, dockerfiles: int | None = None, silent: bool = False
) -> Verdict:
    """`problem` is what compose says of a file it rejects; `silent` if it says nothing that can be read.

    `dockerfiles` counts them where there is no such file.
    """
    if problem:
        rests = ("client", "compose", ".env", *(["config.json"] if silent else []))
        return fail("compose file", problem, remedy, rests=rests)
    if dockerfiles == 0:
        remedy = "go to the folder of a repository, or give --root"
        return warn("compose file", "there is none, and no Dockerfile: nothing is built here", remedy)
    return ok("compose file", f"services: {', '.join(services)}" if services else "there is none")


def dotenv(example: str | None, text: str | None) -> Verdict:
    """`.env` against `.env.example`; each is None where there is no such file.

    A name of the example that has a value there has a default, so `.env` need not set it.
    """
    known = _assigned(example or "")[0]
    needed = [name for name, value in known.items() if not value]
    if text is not None and (text.startswith("\ufeff") or "\ufffd" in text):
        return fail(".env", "is no plain UTF-8", "save it as UTF-8 without a byte order mark")
    if text is None:
        if needed:
            return warn(".env", f"missing; it must set {', '.join(needed)}", "cp .env.example .env", can_fix=True)
        return ok(".env", "there is none; the defaults apply")
    given, bad = _assigned(text)
    if bad:
        return fail(".env", f"line {bad} is no assignment", "write NAME=value, or # before a comment")
    if absent := [name for name in needed if not given.get(name)]:
        return warn(".env", f"does not set {', '.join(absent)}", "add what .env.example names to .env")
    names = [*known, *UNSET.findall(example or "")]
    if example is not None and (unknown := [name for name in given if name not in names]):
        near = get_close_matches(unknown[0], names, n=1)
        hint = f"did you mean {near[0]}?" if near else "remove it, or add it to .env.example"
        return warn(".env", f"sets {', '.join(unknown)}, unknown to .env.example", hint)
    left = len(known) - len(known.keys() & given.keys())
    return ok(".env", f"{len(given)} set" + (f", {left} left at the default" if left else ""))


def _assigned(text: str) -> tuple[dict[str, str], int]:
    """Names and values, and the number of the first line that is no assignment (0 if there is none)."""
    from dotenv.parser import parse_stream

    values: dict[str, str] = {}
    bad = 0
    for binding in parse_stream(io.StringIO(text)):
        if binding.error:
            bad = bad or binding.original.line
        elif binding.key:
            values[binding.key] = binding.value or ""
    return values, bad
