"""A GitHub workflow of the repository: its jobs and steps as they are written. Pure."""

from functools import cached_property

from drydock.audit.finding import Fix, Found
from drydock.audit.source import Source
from drydock.audit.yamltree import Node, Shape
from drydock.values import dataclass


@dataclass(frozen=True)
class WorkStep:
    """A step of a job: the action it uses without its version, that version, and the script it runs."""

    job: str
    index: int
    node: Node

    @property
    def uses(self) -> Node | None:
        return self.node.get("uses")

    @property
    def action(self) -> str:
        """owner/name in lower case, "" where it runs a script."""
        return self.uses.text.partition("@")[0].lower() if self.uses else ""

    @property
    def version(self) -> str:
        return self.uses.text.partition("@")[2] if self.uses else ""

    @property
    def run(self) -> Node | None:
        return self.node.get("run")

    def given(self, name: str) -> str | None:
        """An input of the action, None where it is not given."""
        node = self.node.get("with", name)
        return node.text if node is not None and node.shape is Shape.SCALAR else None


@dataclass(frozen=True)
class Job:
    """A job: its name, its mapping, its steps."""

    name: str
    key: Node
    node: Node
    steps: tuple[WorkStep, ...]

    def before(self, step: WorkStep) -> tuple[WorkStep, ...]:
        """The steps that run before it."""
        return self.steps[: step.index]


@dataclass(frozen=True)
class WorkflowFile:
    """A workflow and its root node."""

    source: Source
    root: Node

    @property
    def path(self) -> str:
        return self.source.path

    @cached_property
    def jobs(self) -> tuple[Job, ...]:
        """The jobs that are mappings, in the order of the file."""
        found = self.root.get("jobs")
        return tuple(_job(key, node) for key, node in (found.pairs if found else []) if node.shape is Shape.MAPPING)

    @property
    def steps(self) -> tuple[tuple[Job, WorkStep], ...]:
        """Every step with its job."""
        return tuple((job, step) for job in self.jobs for step in job.steps)

    def found(self, node: Node, message: str, fix: Fix | None = None, *, declined: str = "") -> Found:
        """A finding at a node."""
        return Found(self.source, node.start, message, fix, declined)


def _job(key: Node, node: Node) -> Job:
    items = steps.items if (steps := node.get("steps")) else []
    found = [WorkStep(key.text, at, item) for at, item in enumerate(items) if item.shape is Shape.MAPPING]
    return Job(key.text, key, node, tuple(found))
