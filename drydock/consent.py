"""Consent to change the machine: given beforehand, or asked for on a terminal; silence is no."""

import sys

from drydock.config import Config
from drydock.events import Note, Tell

AGREES = ("y", "yes")


def ask(config: Config, question: str, tell: Tell) -> bool:
    """Whether the user agrees: `config.yes` (--yes, DRYDOCK_YES=1), or an answer to `question` on a terminal.

    Where nobody can answer (no terminal, or CI), the answer is no.
    """
    if config.yes:
        return True
    if config.environ.get("CI") or not sys.stdin.isatty():
        return False
    tell(Note(f"{question} [y/N]"))
    return sys.stdin.readline().strip().lower() in AGREES
