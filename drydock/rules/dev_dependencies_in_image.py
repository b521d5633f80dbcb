"""Packages that only development needs are in the image that ships: test runners, linters, type checkers.

They make the image larger, and each of them is one more thing that has to be kept free of holes. Package managers know
which they are: `npm ci --omit=dev`, `pnpm install --prod`, `poetry install --only main`, `uv sync --no-dev`, a
requirements file without them.

Nothing is found where the container needs them: a development server, a preview server or a test run as its command, in
the Dockerfile, in a compose file or in a workflow. The fix is unsafe: it adds the flag. It is declined where a later
step builds, which may want them, where the package runs hooks of its own, and for requirements files.

Bad:

    FROM node:22-slim
    WORKDIR /srv
    COPY package.json package-lock.json ./
    RUN npm ci
    COPY server.js ./
    CMD ["node", "server.js"]
    --- package.json
    {"name": "app", "dependencies": {"polka": "0.5.2"}, "devDependencies": {"prettier": "3.6.2"}}

Bad (requirements of development):

    FROM python:3.12-slim
    COPY requirements-dev.txt ./
    RUN pip install -r requirements-dev.txt
    COPY app ./app
    CMD ["python", "-m", "app"]

Good:

    FROM node:22-slim
    WORKDIR /srv
    COPY package.json package-lock.json ./
    RUN npm ci --omit=dev
    COPY server.js ./
    CMD ["node", "server.js"]
    --- package.json
    {"name": "app", "dependencies": {"polka": "0.5.2"}, "devDependencies": {"prettier": "3.6.2"}}

Good (a development server needs them):

    FROM node:22-slim
    WORKDIR /srv
    COPY package.json package-lock.json ./
    RUN npm ci
    COPY . .
    CMD ["npx", "vite", "--host"]
    --- package.json
    {"name": "app", "devDependencies": {"vite": "7.1.7"}}
"""

from collections.abc import Iterator

from drydock.audit import copies, development, manifests
from drydock.audit.buildfile import BuildFile, Spot
from drydock.audit.finding import Fix, Found, Severity, mend
from drydock.audit.installs import APK, APT, NPM, PIP, PNPM, POETRY, UV, YARN, Install
from drydock.audit.repository import Repository
from drydock.audit.rule import rule
from drydock.audit.source import Edit

FLAGS = {NPM: "--omit=dev", PNPM: "--prod", YARN: "--production", POETRY: "--only main", UV: "--no-dev"}


def check(repository: Repository) -> Iterator[Found]:
    for file in repository.buildfiles:
        for spot in file.spots("RUN"):
            for install in spot.installs:
                if install.manager in (APT, APK) or not (what := development.brought(spot, install)):
                    continue
                stages = development.reaches(file, spot)
                wanted = any(development.needed(repository, file, stage) for stage in stages)
                if not stages or wanted or development.cleared(file, install):
                    continue
                fix, declined = _fix(file, spot, install)
                yield spot.found(f"{what} is for development, and ships", fix, declined=declined)


def _fix(file: BuildFile, spot: Spot, install: Install) -> tuple[Fix | None, str]:
    """The flag behind the verb; or why these packages may be needed while the image is built."""
    if install.manager is PIP:
        return None, "which requirements file is the one for production, only you know"
    verb = install.written_verb
    if verb is None or not install.command.editable:
        return None, "it is written in a form that cannot be added to"
    if install.manager in (NPM, PNPM, YARN):
        manifest = copies.origin(spot, "package.json") or "package.json"
        folder = manifest.rpartition("/")[0]
        if reason := manifests.node_needs_source(file.context, folder, scripts=True):
            return None, reason
    if install.manager is YARN and file.context.has(".yarnrc.yml"):
        return None, "Yarn 2 and later has no flag for it"
    for later in file.spots("RUN"):
        is_behind = file.rests(later.stage, spot.stage) and later.one.start >= spot.one.start
        if is_behind and (line := _builds(later, install)):
            return None, f"line {line} comes behind it, and may need them"
    return mend(spot.source, Edit(verb.end, verb.end, f" {FLAGS[install.manager]}"), safe=False), ""


def _builds(later: Spot, install: Install) -> int:
    """The line of a step that does anything but install packages behind an install; 0 where it does not."""
    installs = [one.command for one in later.installs]
    idle = ("[", "test", "export", "apt-get", "apt", "rm", "mkdir", "chown", "chmod", "useradd", "adduser", "set", "ln")
    behind = [one for one in later.commands if one.start > install.command.start]
    strange = [one for one in behind if one not in installs and one.program not in idle]
    is_cleaning = all("cache" in one.line for one in strange)
    return 0 if is_cleaning else later.one.line


RULE = rule(__name__, __doc__, Severity.WARNING, check)
