"""The machine's own certificate authorities: where it says that it keeps them. Pure but for looking for the file."""

from collections.abc import Mapping
from pathlib import Path

VARIABLES = ("SSL_CERT_FILE", "PIP_CERT", "NODE_EXTRA_CA_CERTS")


def bundle(environ: Mapping[str, str]) -> Path | None:
    """The first file that one of the variables names and that is there."""
    named = (Path(environ[name]) for name in VARIABLES if environ.get(name))
    return next((path for path in named if path.is_file()), None)
