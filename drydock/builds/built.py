"""One image as the builder left it, before it is weighed and recorded. Pure."""

from dataclasses import field

from drydock.bases.bases import Base
from drydock.causes.veil import Veil
from drydock.config import Image
from drydock.measures.build import Step
from drydock.values import dataclass


@dataclass(frozen=True)
class Built:
    """One image as the builder left it; `log` is what the failed step printed last.

    `began` is when BuildKit did the first thing, in seconds since the epoch by its own clock; `veil` hid what looks
    secret in the steps.
    """

    image: Image
    bases: tuple[Base, ...]
    done: bool
    seconds: float
    steps: tuple[Step, ...]
    context_bytes: int
    digest: str | None = None
    log: tuple[str, ...] = ()
    export_seconds: float | None = None
    cache_seconds: float | None = None  # to export its caches, None where there were none
    import_seconds: float | None = None  # to import some
    missed: tuple[str, ...] = ()  # caches that were to be imported and were not there
    began: float | None = None
    veil: Veil = field(default_factory=Veil)
