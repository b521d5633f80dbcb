"""What a GitHub workflow takes from a step: annotations, and Markdown for the summary of its job."""

from pathlib import Path

from drydock.command import Environ
from drydock.errors import NotReady

VARIABLE = "GITHUB_STEP_SUMMARY"


def annotation(level: str, message: str, *, path: str = "", line: int = 0, column: int = 0, title: str = "") -> str:
    """The workflow command that shows a message beside a line; `level` is error, warning or notice.

    What stands in a message or a path stays text: it ends no line and begins no property.
    """
    options = {"file": path, "line": line, "col": column, "title": title}
    words = ",".join(f"{name}={_option(str(value))}" for name, value in options.items() if value)
    return f"::{level} {words}::{escaped(message)}" if words else f"::{level}::{escaped(message)}"


def escaped(message: str) -> str:
    """A message as a workflow command takes it: one line, with its own marks spelt out."""
    return message.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def summarise(environ: Environ, markdown: str) -> None:
    """Add to the summary of the job, where a workflow names a file for it; NotReady where it cannot be written."""
    if path := environ.get(VARIABLE):
        try:
            with Path(path).open("a", encoding="utf-8", errors="replace") as stream:
                stream.write(markdown)
        except OSError as error:
            raise NotReady(f"{path} cannot be written: {error.strerror}", remedy=f"unset {VARIABLE}") from error


def _option(text: str) -> str:
    return escaped(text).replace(":", "%3A").replace(",", "%2C")
