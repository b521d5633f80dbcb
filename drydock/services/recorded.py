"""Services of which builds are recorded, and what to say of one that has none."""

from collections.abc import Collection, Sequence

from drydock.config import Config
from drydock.errors import Misuse, Problem
from drydock.services import choice, compose


def require(config: Config, wanted: Sequence[str], recorded: Collection[str], task: str) -> None:
    """Raise Misuse for a service that is wanted and not recorded: it is not there at all, or was not built yet."""
    for name in wanted:
        if name in recorded:
            continue
        if built := _built(config):
            choice.chosen(sorted({*built, *recorded}), [name], task)
        raise Misuse(f"no build of {name} is recorded", remedy=f"inv build --service {name}")


def _built(config: Config) -> Sequence[str]:
    """The services that are built here; none where that cannot be asked: what is recorded can be read without."""
    try:
        return [image.name for image in compose.images(config, config.environ)]
    except Problem:
        return []
