"""A step runs a check beside the nox sessions of the repository: CI and the laptop no longer do the same.

Where sessions say how tests and linters are run, a workflow that calls the tools itself drifts from them: other
versions, other flags, a failure that nobody can repeat. `nox -s tests` runs on both.

There is no fix: which session the step belongs to, or whether it wants a new one, only you know.

Bad:

    --- .github/workflows/ci.yml
    on: push
    jobs:
      test:
        runs-on: ubuntu-24.04
        steps:
          - run: pip install -r requirements-dev.txt && python -m pytest
    --- noxfile.py
    import nox

    @nox.session
    def tests(session): ...

Good:

    --- .github/workflows/ci.yml
    on: push
    jobs:
      test:
        runs-on: ubuntu-24.04
        steps:
          - run: pip install nox && nox -s tests
    --- noxfile.py
    import nox

    @nox.session
    def tests(session): ...

Good (no sessions):

    --- .github/workflows/ci.yml
    on: push
    jobs:
      test:
        runs-on: ubuntu-24.04
        steps:
          - run: pytest
"""

from collections.abc import Iterator

from drydock.audit import shell
from drydock.audit.finding import Found, Severity
from drydock.audit.repository import Repository
from drydock.audit.rule import rule
from drydock.audit.shell import Command
from drydock.audit.workflowfile import WorkStep
from drydock.audit.yamltree import Shape

CHECKS = frozenset(
    {"pytest", "py.test", "unittest", "tox", "coverage", "ruff", "mypy", "pyright", "flake8", "pyflakes", "pylint"}
    | {"black", "isort", "bandit", "hadolint", "zizmor", "actionlint", "yamllint", "shellcheck"}
)
RUNNERS = (["uv", "run"], ["poetry", "run"], ["pdm", "run"], ["hatch", "run"], ["pipenv", "run"])


def check(repository: Repository) -> Iterator[Found]:
    sessions = repository.read("noxfile.py")
    if sessions is None or "session" not in sessions.text:
        return
    for file in repository.workflows:
        for job, step in file.steps:
            tools = sorted({tool for command in _commands(step) if (tool := _tool(command))})
            if tools and step.run is not None:
                yield file.found(step.run, f"{job.name} runs {' and '.join(tools)} beside the nox sessions")


def _commands(step: WorkStep) -> tuple[Command, ...]:
    return shell.script(step.run.text) if step.run is not None and step.run.shape is Shape.SCALAR else ()


def _tool(command: Command) -> str:
    words = [word.text for word in command.words]
    if words[:2] in RUNNERS:
        words = [word for word in words[2:] if not word.startswith("--")]
    if words[:1] and words[0].startswith("python") and words[1:2] == ["-m"]:
        words = words[2:]
    name = words[0].rpartition("/")[2] if words else ""
    return name if name in CHECKS and not {"--version", "--help"} & set(words) else ""


RULE = rule(__name__, __doc__, Severity.NOTE, check)
