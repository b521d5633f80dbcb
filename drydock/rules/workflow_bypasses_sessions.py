"""A step runs a check beside the nox sessions of the repository: CI and the laptop no longer do the same.

Where sessions say how tests and linters are run, a workflow that calls the tools itself drifts from them: other
versions, other flags, a failure that nobody can repeat. `nox -s tests` runs on both.

With `sessions_only = true` in `[tool.drydock.audit]` a workflow may do nothing else at all: each script starts nox,
and each action prepares the runner (it checks out, sets up, logs in, keeps a cache or an artifact). Whatever else is
done is found: an install, a build, a download behind the session, an action that builds, a workflow that is called,
the sessions of another file or folder, and what runs around a session: a container for the job, `BASH_ENV`, a shell of
one's own. A script counts as nox only where it is `./dev nox` or `./dev test`, and `dev` lies at the root.

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

Bad (nothing but sessions is wanted):

    --- .github/workflows/ci.yml
    on: push
    jobs:
      test:
        runs-on: ubuntu-24.04
        steps:
          - uses: actions/checkout@v6
          - run: pip install nox && nox -s tests
          - run: docker build .
    --- noxfile.py
    import nox

    @nox.session
    def tests(session): ...
    --- pyproject.toml
    [tool.drydock.audit]
    sessions_only = true

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

import posixpath
import re
import tomllib
from collections.abc import Iterator

from drydock.audit import shell
from drydock.audit.finding import Found, Severity
from drydock.audit.repository import Repository
from drydock.audit.rule import rule
from drydock.audit.shell import Command
from drydock.audit.workflowfile import Job, WorkflowFile, WorkStep
from drydock.audit.yamltree import Node, Shape
from drydock.text import shortened

CHECKS = frozenset(
    {"pytest", "py.test", "unittest", "tox", "coverage", "ruff", "mypy", "pyright", "flake8", "pyflakes", "pylint"}
    | {"black", "isort", "bandit", "hadolint", "zizmor", "actionlint", "yamllint", "shellcheck"}
)
RUNNERS = (["uv", "run"], ["poetry", "run"], ["pdm", "run"], ["hatch", "run"], ["pipenv", "run"])
PREPARES = re.compile(
    r"actions/(checkout|cache(/\w+)?|(up|down)load-artifact|setup-[\w-]+)"
    r"|docker/(setup-[\w-]+|login)-action|crazy-max/ghaction-github-runtime|astral-sh/setup-uv|wntrblm/nox"
)
INSTALLERS = (["pip", "install"], ["pipx", "install"], ["uv", "tool", "install"])
LAUNCHER = "dev"  # at the root; what it does with other words is no session
LAUNCHES = (["nox"], ["test"])
SHELL = re.compile(r"(ba)?sh(( --?[a-z]+| pipefail)* \{0\})?")  # any other may run more than the script
OTHER_FILE = re.compile(r"--noxfile(=.*)?|-[hlvxrRN]*f.*")
ROOTS = ("", "${{ github.workspace }}")
WIDTH = 60  # signs of a command in a message


def check(repository: Repository) -> Iterator[Found]:
    sessions = repository.read("noxfile.py")
    if sessions is None or "session" not in sessions.text:
        return
    is_strict = _is_strict(repository)
    for file in repository.workflows:
        if is_strict:
            yield from _beside(file, has_launcher=LAUNCHER in repository.tree.files)
            continue
        for job, step in file.steps:
            tools = sorted({tool for command in _commands(step) if (tool := _tool(command))})
            if tools and step.run is not None:
                yield file.found(step.run, f"{job.name} runs {' and '.join(tools)} beside the nox sessions")


def _is_strict(repository: Repository) -> bool:
    settings = repository.read("pyproject.toml")
    try:
        told = tomllib.loads(settings.text) if settings else {}
    except tomllib.TOMLDecodeError:
        return False  # every task that reads it says so
    return told.get("tool", {}).get("drydock", {}).get("audit", {}).get("sessions_only") is True


def _beside(file: WorkflowFile, *, has_launcher: bool) -> Iterator[Found]:
    """Whatever a workflow does that is neither a session nor prepares the runner for one."""
    yield from _hooked(file, file.root, "the workflow")
    for job in file.jobs:
        yield from _hooked(file, job.node, job.name)
        if (called := job.node.get("uses")) is not None:
            yield file.found(called, f"{job.name} calls another workflow beside the nox sessions")
        if (container := job.node.get("container")) is not None:
            yield file.found(container, f"{job.name} runs in a container beside the nox sessions")
        for step in job.steps:
            yield from _hooked(file, step.node, job.name)
            if step.uses is not None and not PREPARES.fullmatch(step.action):
                yield file.found(step.uses, f"{job.name} uses {step.action} beside the nox sessions")
            if step.run is not None and (words := _foreign(file, job, step, has_launcher=has_launcher)):
                yield file.found(step.run, f"{job.name} runs `{shortened(words, WIDTH)}` beside the nox sessions")


def _hooked(file: WorkflowFile, node: Node, name: str) -> Iterator[Found]:
    """The file that bash runs before each script, where a workflow, a job or a step names one."""
    if (hook := node.get("env", "BASH_ENV")) is not None:
        yield file.found(hook, f"{name} sets BASH_ENV, which runs a file beside the nox sessions")


def _foreign(file: WorkflowFile, job: Job, step: WorkStep, *, has_launcher: bool) -> str:
    """The first words of a script that are no session; empty where all are."""
    text = step.run.text if step.run is not None else ""
    if "`" in text or "$(" in text or not SHELL.fullmatch(_set(file, job, step, "shell") or "bash"):
        return text
    folder = _set(file, job, step, "working-directory")
    if folder not in ROOTS and posixpath.normpath(folder) != ".":
        return f"cd {folder} && {text}"
    return next((one.line for one in _commands(step) if not _is_session(one, has_launcher=has_launcher)), "")


def _set(file: WorkflowFile, job: Job, step: WorkStep, name: str) -> str:
    """What a script is run with: as its step says, else its job, else the workflow; empty where none does."""
    defaults = ("defaults", "run", name)
    found = step.node.get(name) or job.node.get(*defaults) or file.root.get(*defaults)
    return found.text if found is not None else ""


def _is_session(command: Command, *, has_launcher: bool) -> bool:
    """Whether it starts nox on the repository's own sessions, or installs nox and nothing else."""
    words = _plain(command)
    if any(words[: len(one)] == one and words[len(one) :] == ["nox"] for one in INSTALLERS):
        return True
    given = [word.text for word in command.words]
    if any(OTHER_FILE.fullmatch(word) for word in given[: given.index("--") if "--" in given else None]):
        return False
    return words[:1] == ["nox"] or (has_launcher and words[:1] == [f"./{LAUNCHER}"] and words[1:2] in LAUNCHES)


def _commands(step: WorkStep) -> tuple[Command, ...]:
    return shell.script(step.run.text) if step.run is not None and step.run.shape is Shape.SCALAR else ()


def _tool(command: Command) -> str:
    words = _plain(command)
    name = words[0].rpartition("/")[2] if words else ""
    return name if name in CHECKS and not {"--version", "--help"} & set(words) else ""


def _plain(command: Command) -> list[str]:
    """Its words without what only starts the program: `uv run`, `python -m`."""
    words = [word.text for word in command.words]
    if words[:2] in RUNNERS:
        words = [word for word in words[2:] if not word.startswith("--")]
    if words[:1] and words[0].startswith("python") and words[1:2] == ["-m"]:
        words = words[2:]
    return words


RULE = rule(__name__, __doc__, Severity.NOTE, check)
