"""A rule, and the three rungs it can stand on: an instruction, a file, the repository. Pure."""

from collections.abc import Callable, Iterator
from inspect import cleandoc

from drydock.audit.buildfile import BuildFile, Spot
from drydock.audit.composefile import ComposeFile
from drydock.audit.finding import Found, Severity
from drydock.audit.repository import Repository
from drydock.audit.workflowfile import WorkflowFile
from drydock.values import dataclass

Check = Callable[[Repository], Iterator[Found]]


@dataclass(frozen=True)
class Rule:
    """One rule: its code, its page, how grave it is, and what finds it."""

    code: str
    page: str
    severity: Severity
    check: Check

    @property
    def summary(self) -> str:
        """The first line of its page."""
        return self.page.partition("\n")[0]


def rule(module: str, page: str | None, severity: Severity, check: Check) -> Rule:
    """The rule of a module: called with `__name__` and `__doc__`."""
    return Rule(module.rpartition(".")[2].replace("_", "-"), cleandoc(page or ""), severity, check)


def each_instruction(check: Callable[[Spot], Iterator[Found]], *keywords: str) -> Check:
    """Look at every instruction of these kinds in every Dockerfile."""

    def run(repository: Repository) -> Iterator[Found]:
        for file in repository.buildfiles:
            for keyword in keywords:
                for spot in file.spots(keyword):
                    yield from check(spot)

    return run


def each_dockerfile(check: Callable[[BuildFile], Iterator[Found]]) -> Check:
    """Look at every Dockerfile as a whole."""
    return lambda repository: (found for file in repository.buildfiles for found in check(file))


def each_compose_file(check: Callable[[ComposeFile], Iterator[Found]]) -> Check:
    """Look at every compose file."""
    return lambda repository: (found for file in repository.composefiles for found in check(file))


def each_workflow(check: Callable[[WorkflowFile], Iterator[Found]]) -> Check:
    """Look at every workflow."""
    return lambda repository: (found for file in repository.workflows for found in check(file))
