"""Which installs bring the packages of development as well, and whether something in the container needs them. Pure."""

import posixpath
import re
from collections.abc import Iterator, Mapping

from drydock.audit import copies, manifests, uses
from drydock.audit.buildfile import BuildFile, Spot
from drydock.audit.installs import NPM, PIP, PNPM, POETRY, UV, YARN, Install
from drydock.audit.repository import Repository
from drydock.dockerfile import Stage

DEVELOPMENT = re.compile(
    r"(^|[/_.-])(dev|develop|development|tests?|testing|lint)([_.-]?(requirements|deps))?([/_.-]|$)"
)
NODE_ONLY = ("--omit", "--production", "--prod", "-P", "--only", "--no-dev")
POETRY_ONLY = ("--only", "--without", "--no-dev", "--only-root")
UV_ONLY = ("--no-dev", "--no-default-groups", "--only-group", "--no-group")
POETRY_GROUP = re.compile(r"^\[tool\.poetry\.(group\.(?!main\b)[\w-]+\.dependencies|dev-dependencies)\]", re.MULTILINE)
UV_GROUP = re.compile(r"^\[dependency-groups\]\s*[^\[]*^dev\s*=|^dev-dependencies\s*=", re.MULTILINE)
OPTIONAL = re.compile(r"^optional\s*=\s*true", re.MULTILINE)
CLEARS = re.compile(
    r"(npm|pnpm) prune\b|(npm|pnpm|yarn) (ci|install|i)\b.*(--omit|--prod)|yarn workspaces focus\b.*--production"
    r"|rm\b.*\bnode_modules|pnpm (--\S+ )*deploy\b"
)
SCRIPT = re.compile(r"\b(?:npm|pnpm|yarn)(?: run| run-script)? ([\w:.-]+)")
SERVES = re.compile(
    r"--reload|--debug|runserver|\bdev\b|nodemon|watch|\b(ng|vue-cli-service|webpack) serve\b|react-scripts start"
)
PACKAGES = frozenset({"node_modules", "site-packages", "venv", ".venv", "env", "packages"})  # names of their folders
TEST_IMAGES = re.compile(r"(^|/)(\.?ci|e2e|local)/|[/.-](cypress|playwright|e2e|local)(\.[Dd]ockerfile)?$")
TEST_RUNS = re.compile(r"\b(pytest|unittest|nox|tox|jest|vitest|mocha|eslint|mypy|ruff|npm (run )?test|yarn test)\b")


def brought(spot: Spot, install: Install) -> str:
    """What of development an install brings, for a message; "" where it brings none or that cannot be told."""
    command, manager = install.command, install.manager
    if manager is PIP:
        names = [name for name in _requirements(install) if DEVELOPMENT.search(name.removesuffix(".txt"))]
        return names[0] if names else ""
    if install.packages or install.is_global or install.verb in ("add", "fetch", "global", "wheel", "download"):
        return ""
    if manager in (NPM, PNPM, YARN):
        return "devDependencies" if _node(spot, install) else ""
    text = _project(spot)
    if manager is POETRY and not command.has(*POETRY_ONLY) and not spot.situation.value("POETRY_WITHOUT"):
        group = POETRY_GROUP.search(text)
        return group[0].strip("[]") if group and not OPTIONAL.search(text) else ""
    if manager is UV and install.verb == "sync" and not command.has(*UV_ONLY) and not spot.situation.value("UV_NO_DEV"):
        return "the group dev" if UV_GROUP.search(text) else ""
    return ""


def _requirements(install: Install) -> Iterator[str]:
    words = [word.text for word in install.command.words]
    for word, following in zip(words, [*words[1:], ""], strict=True):
        if word in ("-r", "--requirement"):
            yield following
        elif word.startswith("--requirement="):
            yield word.partition("=")[2]


def _project(spot: Spot) -> str:
    path = copies.origin(spot, "pyproject.toml")
    text = spot.file.context.read(path) if path else None
    return text.text if text else ""


def _node(spot: Spot, install: Install) -> bool:
    """Whether a Node install brings devDependencies that its manifest names."""
    now, command = spot.situation, install.command
    own = dict(word.text.partition("=")[::2] for word in command.settings)
    mode = own.get("NODE_ENV") or now.value("NODE_ENV")
    settings = [now.value(name) for name in ("NPM_CONFIG_PRODUCTION", "npm_config_production", "NPM_CONFIG_OMIT")]
    keeps = command.has("--include", "--production=false", "--prod=false")
    if command.has(*NODE_ONLY) and not keeps:
        return False
    if (mode == "production" or any(settings)) and not keeps:
        return False
    path = copies.origin(spot, "package.json")
    return bool(path and manifests.package(spot.file.context, path).get("devDependencies"))


def reaches(file: BuildFile, spot: Spot) -> tuple[Stage, ...]:
    """The stages that ship what a step installs: those that rest on its stage, or copy its packages out of it."""
    found = []
    for stage in file.shipped:
        if file.rests(stage, spot.stage):
            found.append(stage)
            continue
        taken = [one for other in file.lineage(stage) for one in file.spots_of(other) if _from(file, one, spot)]
        if any(_holds_packages(file, one) for one in taken):
            found.append(stage)
    return tuple(found)


def _from(file: BuildFile, one: Spot, spot: Spot) -> bool:
    """Whether a COPY takes from the stage of a step, or from one that rests on it."""
    return one.sender is not None and file.rests(one.sender, spot.stage)


def _holds_packages(file: BuildFile, one: Spot) -> bool:
    """Whether what a COPY takes holds packages: an environment, node_modules, or a folder with either."""
    for word in one.one.args[:-1]:
        path = one.filled(word).rstrip("/")
        name = posixpath.basename(path)
        if name in PACKAGES or path == "/usr/local":
            return True
        if one.sender is not None and path in ("", "/", ".", file.end(one.sender).workdir):
            return True
    return False


def cleared(file: BuildFile, install: Install) -> bool:
    """Whether a later command takes the packages of development out again."""
    return any(
        one.start > install.command.end and CLEARS.match(one.line)
        for other in file.spots("RUN")
        for one in other.commands
    )


def needed(repository: Repository, file: BuildFile, stage: Stage) -> str:
    """Where the container needs packages of development when it runs; "" where nothing says so."""
    names, scripts = _programs(file)
    for where, words in uses.runs(repository, file, stage):
        text = _unfolded(words, scripts)
        if found := [name for name in names if re.search(rf"(?<![\w/-]){re.escape(name)}(?![\w-])", text)]:
            return f"{where} runs {found[0]}"
        if test := TEST_RUNS.search(text):
            return f"{where} runs {test[0]}"
        if SERVES.search(text):
            return f"{where} starts a development server"
    for workflow in repository.workflows:
        lines = [line for line in workflow.source.text.splitlines() if "docker" in line and TEST_RUNS.search(line)]
        if lines:
            return f"{workflow.path} runs tests in a container"
    if stage.name and DEVELOPMENT.search(stage.name):
        return f"stage {stage.name} is one for development"
    if TEST_IMAGES.search(file.path) or DEVELOPMENT.search(file.path):
        return f"{file.path} is not for what ships"
    return ""


def _unfolded(words: str, scripts: Mapping[str, str]) -> str:
    """A command with the scripts of package.json that it runs, and those that these run."""
    text, seen, waiting = words, set[str](), [words]
    while waiting:
        for match in SCRIPT.finditer(waiting.pop()):
            if (name := match[1]) in scripts and name not in seen:
                seen.add(name)
                waiting.append(scripts[name])
                text += f" {scripts[name]}"
    return text


def _programs(file: BuildFile) -> tuple[frozenset[str], dict[str, str]]:
    """The devDependencies with the last part of their names, and the scripts of the context's package.json files."""
    names, scripts = set[str](), dict[str, str]()
    for context in file.contexts:
        for path in context.files():
            if posixpath.basename(path) == "package.json":
                manifest = manifests.package(context, path)
                found, told = manifest.get("devDependencies"), manifest.get("scripts")
                for name in found if isinstance(found, dict) else ():
                    names |= {name, name.rpartition("/")[2]}
                scripts |= {name: str(text) for name, text in told.items()} if isinstance(told, dict) else {}
    return frozenset(names), scripts
