"""The time that images are dated instead of the moment of their build: SOURCE_DATE_EPOCH, else that of the commit."""

from datetime import UTC, datetime

from drydock import git
from drydock.builds.buildx import EPOCH
from drydock.config import Config
from drydock.errors import Misuse


def of(config: Config) -> int:
    """Seconds since 1970, from the environment, else when the commit of the work tree was made; 0 outside of git.

    The name and its meaning are those of https://reproducible-builds.org/specs/source-date-epoch/. Raises Misuse where
    it is no number.
    """
    if given := config.environ.get(EPOCH, ""):
        if not given.isdecimal():
            raise Misuse(f"{EPOCH}={given}: not a whole number of seconds since 1970", remedy=f"unset {EPOCH}")
        return int(given)
    told = git.ask(config.root, config.environ, "log", "-1", "--format=%ct")
    return int(told) if told and told.strip() else 0


def shown(seconds: int) -> str:
    """A time as people read it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
