"""What can be found out while the images are built, so that nobody waits for it."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import field, replace
from functools import partial

from drydock import command
from drydock.builds import buildx
from drydock.builds.plan import Plan
from drydock.causes import gathering, touched
from drydock.causes.gathering import Gathered
from drydock.causes.whole import Orders
from drydock.config import Config
from drydock.engines.engine import Engine
from drydock.errors import NotReady, Problem
from drydock.measures import earlier, oci, revision
from drydock.measures.oci import Present
from drydock.measures.revision import Revision
from drydock.values import dataclass


@dataclass(frozen=True)
class Found:
    """The revision of the work tree, what the engine held of bases and images, and the grounds of each image.

    `standing` are the commit of main and that where this history left it. All as it was before the build was over;
    `trouble` says in one line why there are no grounds.
    """

    revision: Revision
    present: Mapping[str, Present]
    standing: tuple[str, ...] = ()
    grounds: Mapping[str, Gathered] = field(default_factory=dict)
    trouble: str = ""


class Meanwhile:
    """Asks git, the engine and the file system in threads of their own.

    Grounds are gathered for BuildKit alone, whose rules they follow, unless they are `gathered` already; `builder` and
    `platforms` as asked for by flag. `began` is when it was not yet known what to build, in nanoseconds.
    """

    def __init__(
        self,
        config: Config,
        engine: Engine,
        plan: Plan,
        orders: Orders,
        *,
        builder: str,
        platforms: Sequence[str],
        buildkit: bool,
        began: int,
        gathered: Mapping[str, Gathered] | None = None,
    ) -> None:
        self._chosen, self._began = {image.name for image in plan.chosen}, began
        self._found = Found(Revision(None, False), {})
        self._grounds: Mapping[str, Gathered] = gathered or {}
        self._standing: tuple[str, ...] = ()
        self._trouble = ""
        self._bug: Exception | None = None
        asked: list[Callable[[], None]] = [partial(self._ask, config, engine, plan), partial(self._stand, config)]
        if buildkit and not command.is_dry() and gathered is None:
            asked.append(partial(self._gather, config, engine, plan, orders, builder=builder, platforms=platforms))
        self._threads = [threading.Thread(target=self._try, args=(one,), daemon=True) for one in asked]
        for thread in self._threads:
            thread.start()

    def found(self) -> Found:
        """The answers, once they are there, and the build is over."""
        for thread in self._threads:
            thread.join()
        if self._bug:
            raise self._bug
        settled = touched.settle(self._grounds, self._began)
        grounds = {image: one for image, one in settled.items() if image in self._chosen}
        return replace(self._found, standing=self._standing, grounds=grounds, trouble=self._trouble)

    def _try(self, ask: Callable[[], None]) -> None:
        try:
            ask()
        except Exception as bug:  # raised where the answers are asked for: no thread fails in silence
            self._bug = bug

    def _ask(self, config: Config, engine: Engine, plan: Plan) -> None:
        at = revision.read(config)
        references = [base.reference for had in plan.bases.values() for base in had]
        try:
            present = oci.inspect(engine, [*(image.tag for image in plan.chosen), *references])
        except NotReady:
            present = {}  # the build itself will say so
        self._found = Found(at, present)

    def _stand(self, config: Config) -> None:
        self._standing = revision.standing(config, earlier.MAIN)

    def _gather(
        self, config: Config, engine: Engine, plan: Plan, orders: Orders, *, builder: str, platforms: Sequence[str]
    ) -> None:
        needed = buildx.upon(plan.images, plan.chosen)
        try:
            self._grounds = gathering.gather(
                config, engine, needed, plan.files, plan.bases, builder=builder, platforms=platforms, orders=orders
            )
        except Problem as problem:
            self._trouble = problem.message
        except OSError as error:  # what was there when the build began may be gone
            self._trouble = f"{error.filename}: {error.strerror}"
