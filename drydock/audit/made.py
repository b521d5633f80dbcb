"""What a build makes inside an image, that no folder of the repository holds: packages, environments, output. Pure."""

import posixpath
from collections.abc import Iterator

from drydock.audit import copies
from drydock.audit.buildfile import BuildFile, Spot
from drydock.audit.installs import NPM, PNPM, POETRY, UV, YARN
from drydock.dockerfile import Stage
from drydock.values import dataclass

NODE_MODULES = "node_modules"
ENVIRONMENTS = frozenset({".venv", "venv", "env"})
BUILDERS = (NPM, YARN, PNPM)


@dataclass(frozen=True)
class Made:
    """An absolute path of the image; `is_work` for a work folder built in place."""

    path: str
    is_work: bool = False

    @property
    def name(self) -> str:
        return posixpath.basename(self.path)


def of(file: BuildFile, stage: Stage) -> tuple[Made, ...]:
    """All that the image of a stage holds of it."""
    stages = {one.index for one in file.lineage(stage)}
    found = [made for spot in file.spots("RUN", "COPY") if spot.stage.index in stages for made in _by(file, spot)]
    return tuple({(one.path, one.is_work): one for one in found}.values())


def _by(file: BuildFile, spot: Spot) -> Iterator[Made]:
    if spot.one.keyword == "RUN":
        yield from _run(spot)
    elif spot.one.flag("from"):
        yield from _copied(file, spot)


def _run(spot: Spot) -> Iterator[Made]:
    now = spot.situation
    elsewhere = _is_elsewhere(spot)
    for install in spot.installs:
        if install.manager in BUILDERS and not install.is_global and not elsewhere:
            yield Made(now.folder(NODE_MODULES))
        elif (install.manager is UV and install.verb == "sync") or (
            install.manager is POETRY and now.value("POETRY_VIRTUALENVS_IN_PROJECT") in ("1", "true")
        ):
            yield Made(now.folder(now.value("UV_PROJECT_ENVIRONMENT") or ".venv"))
    for command in spot.commands:
        words = [word.text for word in command.words]
        if words[1:3] == ["-m", "venv"] or words[:2] == ["uv", "venv"] or words[:1] == ["virtualenv"]:
            if not words[-1].startswith("-") and words[-1] != "venv":
                yield Made(now.folder(words[-1]))
        elif words[:1] and words[0] in ("npm", "yarn", "pnpm") and "build" in words[1:3]:
            yield Made(now.workdir, is_work=True)


def _is_elsewhere(spot: Spot) -> bool:
    """Whether Node's packages end up in another folder: moved there, or by a setting of Yarn."""
    if any("modules-folder" in one.line or (one.program == "mv" and NODE_MODULES in one.line) for one in spot.commands):
        return True
    context = spot.file.context
    settings = [path for path in context.tree.below(context.folder) if posixpath.basename(path) == ".yarnrc"]
    texts = [context.read(posixpath.relpath(path, context.folder or ".")) for path in settings]
    return any("modules-folder" in text.text for text in texts if text)


def _copied(file: BuildFile, spot: Spot) -> Iterator[Made]:
    """What comes out of another stage: the thing itself, or what that stage made in a folder that is copied whole."""
    target, sources = copies.target(spot), spot.one.args[:-1]
    stage = spot.sender
    for word in sources:
        path = posixpath.normpath(posixpath.join("/", word))
        whole = spot.one.args[-1].endswith("/") and sources[1:]
        here = posixpath.join(target, posixpath.basename(path)) if whole else target
        inside = [one for one in of(file, stage) if one.path.startswith(f"{path}/")] if stage else []
        if inside:
            yield from (Made(here + one.path.removeprefix(path)) for one in inside)
        elif not posixpath.splitext(posixpath.basename(path))[1] or posixpath.basename(path) in ENVIRONMENTS:
            yield Made(posixpath.normpath(here))
