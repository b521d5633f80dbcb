"""What the service takes from its environment."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from click import UsageError
from flask import current_app

KEY = "drydock"

LEDGER = "/data/ledger.db"
FRONTEND_ORIGIN = "http://localhost:5173"


@dataclass(frozen=True)
class Settings:
    """Where the ledger is, and which origin's pages may read the answers."""

    ledger: Path
    frontend_origin: str


def read(environ: Mapping[str, str]) -> Settings:
    """Settings of DRYDOCK_LEDGER and FRONTEND_ORIGIN; an unset or empty variable takes its default."""
    return Settings(
        ledger=Path(environ.get("DRYDOCK_LEDGER") or LEDGER),
        frontend_origin=_origin(environ.get("FRONTEND_ORIGIN") or FRONTEND_ORIGIN),
    )


def current() -> Settings:
    """The settings of the application that answers this request."""
    found = current_app.extensions[KEY]
    assert isinstance(found, Settings)  # noqa: S101  # narrows the type: extensions hold anything
    return found


def _origin(text: str) -> str:
    """An origin as a browser writes it: scheme, host, port, lower case, and nothing behind."""
    try:
        parts = urlsplit(text.strip().lower().removesuffix("/"))
        usable = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        usable = False
    if not usable or parts.path or parts.query or parts.fragment or parts.username is not None:
        raise UsageError(f"FRONTEND_ORIGIN is {text!r}: give one origin, such as {FRONTEND_ORIGIN}")
    return f"{parts.scheme}://{parts.netloc}"
