"""What the rules about images leave alone, and why they decline where their fix would break something."""

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

import pytest

from drydock import rules
from drydock.audit import auditing, fixing, tree
from drydock.audit.finding import Finding
from drydock.audit.repository import Repository

RULES = {rule.code: rule for rule in rules.RULES}
TODAY = date(2026, 6, 1)
PYTHON = "FROM python:3.12-slim\nWORKDIR /srv\nCOPY app ./app\n"
RUNS = 'CMD ["python", "-m", "app"]\n'
NODE = "FROM node:22-slim\nWORKDIR /srv\nCOPY package.json package-lock.json ./\n"
TOOLS = "RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev libpq-dev\n"
VENV = "FROM python:3.12 AS b\nRUN python -m venv /opt/venv\nFROM python:3.12-slim\n"


def found(code: str, dockerfile: str, files: Mapping[str, str] = MappingProxyType({})) -> list[Finding]:
    source = Repository(tree.of({"Dockerfile": dockerfile, **files}), today=TODAY)
    return list(auditing.run(source, [RULES[code]]))


def fixed(code: str, dockerfile: str) -> str:
    result = fixing.fix(Repository(tree.of({"Dockerfile": dockerfile}), today=TODAY), [RULES[code]], unsafe=True)
    return result.repository.tree.read("Dockerfile").decode()


BUILDER = (
    "FROM node:22 AS assets\nRUN apt-get update && apt-get install -y --no-install-recommends gcc\nCOPY . .\n"
    "RUN npm ci && npm run build\nFROM node:22\nCOPY --from=assets /public /public\n"
)
ASSETS = "services:\n  js:\n    build: {context: ., target: assets}\n"
COMPOSE = "services:\n  web:\n    build: .\n"
PACKAGE = '{"name": "a", "dependencies": {"polka": "1"}, "devDependencies": {"vite": "7"}, "scripts": {"go": "vite"}}'


@pytest.mark.parametrize(
    ("code", "dockerfile"),
    [
        pytest.param("add-over-copy", "FROM a:1\nADD --checksum=sha256:0 x /x\n", id="a flag that COPY has not"),
        pytest.param(
            "copy-too-wide", "FROM a:1\nARG SOURCE\nCOPY ${SOURCE} /srv\n", id="who builds says what is copied"
        ),
        pytest.param("add-over-copy", "FROM a:1\nADD nowhere.txt /x\n", id="a file that is not in the repository"),
        pytest.param("apt-discipline", "FROM debian:12\nRUN echo apt-get install x\n", id="words that are no command"),
        pytest.param(
            "apt-discipline",
            "FROM debian:12\nRUN echo 'APT::Install-Recommends \"0\";' > /etc/apt/apt.conf.d/x\n"
            "RUN apt-get update && apt-get install -y curl\n",
            id="a setting says it for all",
        ),
        pytest.param(
            "apt-discipline",
            "FROM debian:12\nRUN apt-get update && apt-get -yqq --no-install-recommends install curl\n",
            id="flags before the verb",
        ),
        pytest.param(
            "argument-too-early",
            "FROM node:22\nARG NODE_ENV=production\nENV NODE_ENV=$NODE_ENV\nRUN npm ci\n",
            id="a variable that the install reads",
        ),
        pytest.param("argument-too-early", "FROM node:22\nARG VERSION\nRUN npm install x@$VERSION\n", id="it is used"),
        pytest.param("base-past-end-of-life", "FROM registry.example/python:3.6\n", id="somebody else's image"),
        pytest.param("base-past-end-of-life", "FROM python:3.99\n", id="newer than the table"),
        pytest.param("base-past-end-of-life", "FROM python\n", id="no version"),
        pytest.param("base-past-end-of-life", "FROM postgres:9.6-alpine\n", id="an image without a table"),
        pytest.param(
            "build-tools-in-image",
            "FROM python:3.12-slim\nRUN apt-get update && apt-get install -y gcc && pip install x"
            " && apt-get purge -y --auto-remove gcc\n",
            id="removed in the same step",
        ),
        pytest.param(
            "build-tools-in-image",
            "FROM debian:12\nRUN apt-get install -y gcc && make && apt-mark auto '.*' > /dev/null"
            " && apt-get purge -y --auto-remove\n",
            id="swept out by apt itself",
        ),
        pytest.param(
            "build-tools-in-image", "FROM a:1 AS b\nRUN apt-get install -y gcc\nFROM a:1\n", id="no part of the image"
        ),
        pytest.param("chown-doubles-layer", "FROM a:1\nCOPY x /srv/x\nRUN chown -R 1:1 /data\n", id="another folder"),
        pytest.param(
            "chown-doubles-layer", "FROM a:1\nCOPY --chown=1:1 x /srv/x\nRUN chown -R 1:1 /srv\n", id="owned already"
        ),
        pytest.param(
            "copy-too-wide", "FROM a:1 AS b\nCOPY . .\nFROM a:1\nCOPY --from=b /x /x\n", id="a builder may have it"
        ),
        pytest.param("full-base-image", "FROM python:3.12-alpine\n", id="alpine"),
        pytest.param("full-base-image", "FROM registry.example/python:3.12\n", id="somebody else's image"),
        pytest.param("full-base-image", "FROM python:3.12 AS b\nFROM python:3.12-slim\n", id="a builder may be full"),
        pytest.param("healthcheck-missing", PYTHON + RUNS, id="a job serves no port"),
        pytest.param(
            "healthcheck-tool-missing", "FROM node:22-alpine\nHEALTHCHECK CMD wget -q localhost\n", id="busybox"
        ),
        pytest.param(
            "healthcheck-tool-missing", "FROM python:3.12\nHEALTHCHECK CMD curl localhost\n", id="a full base"
        ),
        pytest.param(
            "healthcheck-tool-missing", "FROM company/base:1\nHEALTHCHECK CMD curl localhost\n", id="who knows"
        ),
        pytest.param(
            "healthcheck-tool-missing",
            "FROM node:22-slim\nCOPY --from=tools /curl /bin/\nHEALTHCHECK CMD curl localhost\n",
            id="copied from elsewhere",
        ),
        pytest.param(
            "link-missing",
            VENV + "RUN useradd --create-home app\nCOPY --from=b /opt/venv /home/app/venv\n",
            id="a folder with an owner of its own",
        ),
        pytest.param(
            "link-missing", VENV + "COPY --from=b /opt/venv/bin/tool /opt\n", id="perhaps a file over a folder"
        ),
        pytest.param("link-missing", VENV + "COPY --from=b --chown=app /opt/venv /opt/venv\n", id="an owner by name"),
        pytest.param(
            "link-missing",
            VENV + "COPY --from=b /opt/tool /usr/bin/\nFROM debian:12\nCOPY --from=b /x /bin/\n",
            id="behind a link of the base",
        ),
        pytest.param(
            "link-missing",
            "# syntax=docker/dockerfile:1.3\n" + VENV + "COPY --from=b /opt/venv /opt/venv\n",
            id="a frontend without it",
        ),
        pytest.param(
            "mount-owner-mismatch",
            "FROM node:22\nUSER node\nRUN --mount=type=cache,target=/home/node/.npm,mode=0777 npm ci\n",
            id="open to everyone",
        ),
        pytest.param(
            "mount-owner-mismatch",
            "FROM node:22\nUSER node\nRUN --mount=type=cache,target=/x npm ci\n",
            id="not used by the install",
        ),
        pytest.param(
            "package-cache-in-image", "FROM a:1 AS b\nRUN pip install x\nFROM a:1\n", id="no part of the image"
        ),
        pytest.param(
            "package-cache-in-image", "FROM a:1\nENV PIP_NO_CACHE_DIR=off\nRUN pip install x\n", id="off as well is on"
        ),
        pytest.param("package-cache-in-image", "FROM node:22\nRUN npm ci && npm cache clean --force\n", id="cleaned"),
        pytest.param("shell-form-command", 'FROM a:1\nCMD exec node server.js --port "$PORT"\n', id="exec"),
        pytest.param(
            "shell-form-command", 'FROM a:1 AS b\nCMD node x\nFROM a:1\nCMD ["x"]\n', id="no part of the image"
        ),
        pytest.param("single-stage", PYTHON + "RUN pip install x\n" + RUNS, id="nothing but packages"),
        pytest.param("single-stage", "FROM a:1 AS b\nRUN make\nFROM a:1\nCOPY --from=b /x /x\n", id="two stages"),
    ],
)
def test_nothing_is_found(code: str, dockerfile: str) -> None:
    assert found(code, dockerfile) == []


@pytest.mark.parametrize(
    ("code", "dockerfile", "files", "reason"),
    [
        pytest.param("root-user", PYTHON + "EXPOSE 80\n" + RUNS, {}, "port 80 is below 1024", id="a low port"),
        pytest.param(
            "root-user", PYTHON + 'CMD ["gunicorn", "--bind", "0.0.0.0:80", "app"]\n', {}, "below 1024", id="bound"
        ),
        pytest.param("root-user", PYTHON + "VOLUME /data\n" + RUNS, {}, "declares a volume", id="a volume"),
        pytest.param(
            "root-user", PYTHON + "RUN pip install --user x\n" + RUNS, {}, "root's home", id="packages at home"
        ),
        pytest.param("root-user", PYTHON, {}, "no command is to be seen", id="no command"),
        pytest.param(
            "root-user", "FROM company/base:1\n" + RUNS, {}, "base holds is not known", id="a base that is not known"
        ),
        pytest.param("root-user", PYTHON + 'CMD ["./start.sh"]\n', {}, "starts a script", id="a script"),
        pytest.param(
            "root-user", PYTHON + RUNS, {"app/main.py": "open('log', 'w')\n"}, "may write", id="the source writes"
        ),
        pytest.param(
            "root-user", NODE + 'CMD ["npm", "run", "go"]\n', {"package.json": PACKAGE}, "vite", id="a dev server"
        ),
        pytest.param(
            "root-user",
            PYTHON + RUNS,
            {"compose.yaml": COMPOSE + "    volumes: [./data:/srv/data]\n"},
            "mounts folders",
            id="a folder of the host",
        ),
        pytest.param("full-base-image", "FROM python:3.12\nRUN make install\n", {}, "calls make", id="a step builds"),
        pytest.param(
            "full-base-image",
            "FROM python:3.12\n" + RUNS,
            {"requirements.txt": "mysqlclient==2\n"},
            "mysqlclient",
            id="a package that is compiled",
        ),
        pytest.param(
            "full-base-image",
            "FROM python:3.12\n" + RUNS,
            {"app/x.py": "run(['git', 'log'])\n"},
            "app/x.py may call",
            id="the source calls git",
        ),
        pytest.param(
            "full-base-image",
            "FROM python:3.12 AS base\nFROM base AS b\nRUN make\nFROM base\n",
            {},
            "other stages rest",
            id="the builder rests on it too",
        ),
        pytest.param(
            "full-base-image", "ARG V=3.12\nFROM python:${V}\n", {}, "cannot be told", id="the tag is an argument"
        ),
        pytest.param(
            "build-tools-in-image",
            f"FROM python:3.12-slim\n{TOOLS}RUN pip install x\n",
            {},
            "builds with them",
            id="used",
        ),
        pytest.param(
            "build-tools-in-image",
            "FROM debian:12\nRUN apt-get install -y git tini\n",
            {"run.sh": "git pull\n"},
            "run.sh may call git",
            id="a script calls it",
        ),
        pytest.param(
            "build-tools-in-image",
            "FROM debian:12\nRUN apt-get install -y libfoo-dev\n",
            {},
            "is not known",
            id="a library that is not known",
        ),
        pytest.param(
            "single-stage",
            f"FROM python:3.12-slim\n{TOOLS}RUN pip install --user x\n",
            {},
            "a place of its own",
            id="at home",
        ),
        pytest.param(
            "single-stage",
            f"FROM python:3.12-slim\n{TOOLS}RUN pip install -e .\n",
            {},
            "from the source",
            id="editable",
        ),
        pytest.param(
            "single-stage",
            f"FROM python:3.12-slim\n{TOOLS}RUN pip install x && ./configure\n",
            {},
            "does more",
            id="more than an install",
        ),
        pytest.param(
            "single-stage",
            f"FROM python:3.12-slim\n{TOOLS}RUN pip install x\n",
            {"entry.sh": "/usr/local/bin/x\n"},
            "names /usr/local",
            id="a script knows where",
        ),
        pytest.param(
            "single-stage",
            f"FROM python:3.12-slim\nUSER me\n{TOOLS}RUN pip install x\n",
            {},
            "USER",
            id="a user before",
        ),
        pytest.param(
            "single-stage",
            "FROM node:22-slim\nWORKDIR /srv\nRUN npm ci && npm run build\n",
            {},
            "cannot be told",
            id="what the build gives",
        ),
        pytest.param(
            "apt-discipline",
            "FROM debian:12\nRUN apt-get update && apt-get install -y python3-pip\n",
            {},
            "python3-pip may rely",
            id="pip wants its compiler",
        ),
        pytest.param(
            "dev-dependencies-in-image",
            NODE + 'RUN npm ci\nRUN npm run x\nCMD ["node", "x"]\n',
            {"package.json": PACKAGE},
            "may need them",
            id="a later step builds",
        ),
        pytest.param(
            "chown-doubles-layer",
            "FROM node:22\nWORKDIR /srv\nCOPY x .\nRUN make\nRUN chown -R node:node /srv\n",
            {},
            "a step between",
            id="a step may have made more",
        ),
        pytest.param(
            "chown-doubles-layer",
            "FROM node:22\nWORKDIR /srv\nCOPY x .\nRUN chown -R strange /srv\n",
            {},
            "number of strange",
            id="an owner that is not known",
        ),
    ],
)
def test_the_fix_is_declined_with_the_reason(code: str, dockerfile: str, files: dict[str, str], reason: str) -> None:
    (one,) = found(code, dockerfile, files)
    assert one.fix is None
    assert reason in one.declined


@pytest.mark.parametrize(
    "files",
    [
        pytest.param({"compose.yaml": COMPOSE + "    command: [npx, vite]\n"}, id="compose runs a development server"),
        pytest.param({"compose.yaml": COMPOSE + "    command: npm run go\n"}, id="compose runs a script that does"),
        pytest.param({"compose.yaml": COMPOSE + "    command: [ng, serve]\n"}, id="compose serves while it is written"),
        pytest.param(
            {".github/workflows/ci.yml": "jobs:\n  a:\n    steps:\n      - run: docker run x npm run test\n"},
            id="a workflow runs tests in the container",
        ),
    ],
)
def test_packages_of_development_are_left_where_the_container_needs_them(files: dict[str, str]) -> None:
    dockerfile = NODE + 'RUN npm ci\nCMD ["node", "server.js"]\n'
    (one,) = found("dev-dependencies-in-image", dockerfile, {"package.json": PACKAGE})
    assert one.fix
    assert found("dev-dependencies-in-image", dockerfile, {"package.json": PACKAGE, **files}) == []


def test_stages_that_copy_from_each_other_do_not_break_the_audit() -> None:
    below = "FROM node:22 AS a\nCOPY --from=b /x /x\nFROM node:22 AS b\nCOPY --from=a /x /x\nCMD node /x/y.js\n"
    mounted = COMPOSE + "    volumes: ['.:/x']\n"
    assert [one.code for one in found("compose-mount-hides-build", below, {"compose.yml": mounted})]


@pytest.mark.parametrize("code", ["single-stage", "build-tools-in-image", "copy-too-wide"])
def test_a_stage_that_builds_for_a_later_one_may_hold_what_building_needs(code: str) -> None:
    assert found(code, BUILDER, {"compose.yaml": ASSETS}) == []
    alone = BUILDER.partition("FROM node:22\n")[0]
    assert found(code, alone, {"compose.yaml": ASSETS})


def test_a_library_takes_the_place_of_its_headers() -> None:
    dockerfile = "FROM debian:12\nRUN apt-get install -y gcc libpq-dev \\\n    make \\\n    tini\n"
    assert fixed("build-tools-in-image", dockerfile) == "FROM debian:12\nRUN apt-get install -y libpq5 \\\n    tini\n"


def test_a_step_that_installs_nothing_but_tools_goes_as_a_whole() -> None:
    dockerfile = "FROM debian:12\nRUN apt-get update && apt-get install -y git\nCOPY x /\n"
    assert fixed("build-tools-in-image", dockerfile) == "FROM debian:12\nCOPY x /\n"


def test_the_stage_that_runs_keeps_its_name_and_the_other_gets_one() -> None:
    dockerfile = f"FROM python:3.12-slim AS builder\n{TOOLS}RUN pip install x\nCOPY app ./app\n{RUNS}"
    after = fixed("single-stage", dockerfile)
    assert [line for line in after.splitlines() if line.startswith("FROM")] == [
        "FROM python:3.12-slim AS packages",
        "FROM python:3.12-slim AS builder",
    ]
    assert "COPY --from=packages /opt/venv /opt/venv" in after
    assert "libpq5" in after.rpartition("FROM")[2]
    assert "gcc" not in after.rpartition("FROM")[2]


def test_windows_newlines_stay_in_two_stages() -> None:
    dockerfile = f"FROM python:3.12-slim\n{TOOLS}RUN pip install x\n{RUNS}".replace("\n", "\r\n")
    after = fixed("single-stage", dockerfile)
    assert after.count("FROM") == 2
    assert after.count("\n") == after.count("\r\n")


@pytest.mark.parametrize(
    ("base", "over"),
    [
        ("python:3.8-slim", "Python 3.8 came to its end on 2024-10-07"),
        ("docker.io/library/python:2", ""),
        ("python:3.3", "Python 3.3 came to its end on 2019-03-18"),
        ("python:3.12-slim-buster", "Buster"),
        ("node:18.20.1-alpine", "Node 18.20.1"),
        ("node:hydrogen", "Node hydrogen"),
        ("node:22-alpine3.18", "Alpine 3.18"),
        ("ubuntu:20.04", "Ubuntu 20.04"),
        ("debian:buster-slim", "Debian buster"),
        ("alpine:3.12.1", "Alpine 3.12.1"),
        ("node:22", ""),
        ("node:22@sha256:0", ""),
    ],
)
def test_what_is_over_is_told_by_image_and_distribution(base: str, over: str) -> None:
    told = [one.message for one in found("base-past-end-of-life", f"FROM {base}\n")]
    assert (over.lower() in told[0].lower()) if over else not told


def test_without_a_day_nothing_is_over() -> None:
    source = Repository(tree.of({"Dockerfile": "FROM python:2.7\n"}))
    assert list(auditing.run(source, [RULES["base-past-end-of-life"]])) == []


@pytest.mark.parametrize(
    ("path", "line", "times"),
    [
        (".npmrc", "//packages.example.org/:_authToken=correct-horse\n", 1),
        (".npmrc", "legacy-peer-deps=true\n//packages.example.org/:_authToken = ${NPM_TOKEN}\n", 0),
        (".npmrc", "//packages.example.org/:_authToken=NPM_TOKEN\n", 0),
        (".npmrc", "# //packages.example.org/:_authToken=correct-horse\nalways-auth=true\n", 0),
        (".yarnrc.yml", 'npmAuthToken: "correct-horse"\n', 1),
        ("pip.conf", "[global]\nindex-url = https://me:hunter22@packages.example.org/simple\n", 1),
        ("pip.conf", "[global]\nindex-url = https://${USER}:${WORD}@packages.example.org/simple\n", 0),
    ],
)
def test_settings_hold_a_secret_where_it_is_written_in_them(path: str, line: str, times: int) -> None:
    for source in (path, f"{path}*"):
        assert len(found("secret-in-build", f"FROM a:1\nCOPY {source} ./\n", {path: line})) == times
    assert found("secret-in-build", f"FROM a:1\nCOPY {path} ./\n", {path: line, ".dockerignore": path}) == []


def test_values_of_flags_are_no_packages() -> None:
    for install in ("yarn install --network-timeout 9", "poetry install --only main --no-root", "npm ci --omit dev"):
        files = {"package.json": "{}", "pyproject.toml": "", ".dockerignore": "node_modules\n"}
        assert len(found("manifest-after-source", f"FROM a:1\nCOPY . .\nRUN {install}\n", files)) == 1
