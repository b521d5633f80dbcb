"""What can be found out while the images are built, so that nobody waits for it."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass

from drydock.builds.plan import Plan
from drydock.config import Config
from drydock.engines.engine import Engine
from drydock.errors import NotReady
from drydock.measures import oci, revision
from drydock.measures.oci import Present
from drydock.measures.revision import Revision


@dataclass(frozen=True)
class Found:
    """The revision of the work tree, and what the engine held of bases and images before the build was over."""

    revision: Revision
    present: Mapping[str, Present]


class Meanwhile:
    """Asks git and the engine in a thread of its own."""

    def __init__(self, config: Config, engine: Engine, plan: Plan) -> None:
        self._found = Found(Revision(None, False), {})
        self._thread = threading.Thread(target=self._ask, args=(config, engine, plan), daemon=True)
        self._thread.start()

    def found(self) -> Found:
        """The answers, once they are there."""
        self._thread.join()
        return self._found

    def _ask(self, config: Config, engine: Engine, plan: Plan) -> None:
        at = revision.read(config)
        references = [base.reference for had in plan.bases.values() for base in had]
        try:
            present = oci.inspect(engine, [*(image.tag for image in plan.chosen), *references])
        except NotReady:
            present = {}  # the build itself will say so
        self._found = Found(at, present)
