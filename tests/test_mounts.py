"""Installs get the mount that fits manager, user and settings; what cannot be told is left alone with a reason."""

import pytest

from drydock.audit import auditing, fixing, tree
from drydock.audit.repository import Repository
from drydock.rules import cache_mount_defeated, install_without_cache_mount

RULES = [install_without_cache_mount.RULE, cache_mount_defeated.RULE]
MOUNT = "--mount=type=cache,target="


def fixed(dockerfile: str, **others: str) -> str:
    names = {name.replace("__", "."): text for name, text in others.items()}
    result = fixing.fix(Repository(tree.of({"Dockerfile": dockerfile, **names})), RULES)
    return result.repository.tree.read("Dockerfile").decode()


def declined(dockerfile: str, **others: str) -> list[str]:
    names = {name.replace("__", "."): text for name, text in others.items()}
    found = auditing.run(Repository(tree.of({"Dockerfile": dockerfile, **names})), RULES)
    assert not any(one.fix for one in found)
    return [one.declined for one in found]


@pytest.mark.parametrize(
    ("before", "target"),
    [
        ("FROM python:3.12\nRUN pip install x", "/root/.cache/pip"),
        ("FROM python:3.12\nRUN python3 -m pip install x", "/root/.cache/pip"),
        ("FROM python:3.12\nENV PIP_CACHE_DIR=/c/pip\nRUN pip install x", "/c/pip"),
        ("FROM python:3.12\nENV XDG_CACHE_HOME=/c\nRUN pip install x", "/c/pip"),
        ("FROM python:3.12\nENV HOME=/h\nRUN pip install x", "/h/.cache/pip"),
        ("FROM python:3.12\nRUN uv sync --frozen", "/root/.cache/uv"),
        ("FROM python:3.12\nRUN uv pip install -r x", "/root/.cache/uv"),
        ("FROM node:22\nRUN npm ci", "/root/.npm"),
        ("FROM node:22\nRUN npm_config_cache=/c npm ci", "/c"),
        ("FROM node:22\nRUN yarn --frozen-lockfile", "/usr/local/share/.cache/yarn"),
        ("FROM node:22\nRUN pnpm install", "/root/.local/share/pnpm/store"),
        ("FROM node:22\nENV PNPM_HOME=/pnpm\nRUN pnpm install", "/pnpm/store"),
        ("FROM alpine:3\nRUN apk update && apk add git", "/etc/apk/cache,sharing=locked"),
        ("FROM node:22\nUSER node\nRUN npm ci", "/home/node/.npm,uid=1000,gid=1000"),
        ("FROM a:1\nRUN useradd -m -u 1234 me\nUSER me\nRUN npm ci", "/home/me/.npm,uid=1234,gid=1234"),
        ("FROM a:1\nRUN adduser -D -u 7 -h /me me\nUSER 7:8\nRUN npm ci", "/me/.npm,uid=7,gid=8"),
        ("FROM a:1 AS b\nRUN useradd -u 5 me\nUSER me\nFROM b\nRUN npm ci", "/home/me/.npm,uid=5,gid=5"),
        ("FROM a:1\nARG U=9\nRUN useradd -u $U me\nUSER me\nRUN npm ci", "/home/me/.npm,uid=9,gid=9"),
    ],
)
def test_the_mount_is_where_the_manager_keeps_its_cache(before: str, target: str) -> None:
    head, _, run = before.rpartition("RUN ")
    assert fixed(before) == f"{head}RUN {MOUNT}{target} \\\n    {run}"


def test_another_escape_character_does_not_make_an_image_one_of_windows() -> None:
    after = fixed("# escape=`\nFROM python:3.12-slim\nRUN pip install x")
    assert after == f"# escape=`\nFROM python:3.12-slim\nRUN {MOUNT}/root/.cache/pip `\n    pip install x"


def test_poetry_gets_its_cache_but_not_the_folder_of_its_environments() -> None:
    after = fixed("FROM python:3.12\nRUN poetry install")
    targets = ("/root/.cache/pypoetry/cache", "/root/.cache/pypoetry/artifacts")
    assert after == "FROM python:3.12\nRUN " + "".join(f"{MOUNT}{one} \\\n    " for one in targets) + "poetry install"


def test_apt_gets_its_lists_only_where_they_are_made_in_the_same_step() -> None:
    after = fixed("FROM debian:12\nRUN apt-get update\nRUN apt-get install -y curl\n")
    assert "/var/lib/apt/lists" not in after
    assert f"RUN apt-get update\nRUN {MOUNT}/var/cache/apt,sharing=locked" in after


def test_apt_leaves_its_lists_in_the_layer_where_a_later_step_lives_on_them() -> None:
    after = fixed("FROM debian:12\nRUN apt-get update && apt-get install -y a\nRUN apt-get install -y b\n")
    assert ("/var/lib/apt/lists" in after, after.count("/var/cache/apt")) == (False, 2)


CLEAN = "rm -f /etc/apt/apt.conf.d/docker-clean && "
APT = f"RUN {MOUNT}/var/cache/apt,sharing=locked \\\n    {MOUNT}/var/lib/apt/lists,sharing=locked \\\n    "


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        ("apt-get update && apt-get install -y x", f"{CLEAN}\\\n    apt-get update && apt-get install -y x"),
        (
            "set -e; apt-get update; apt-get install x; apt-get clean",
            f"set -e; {CLEAN}apt-get update; apt-get install x",
        ),
        (
            "apt-get update && apt-get install x && rm -rf /var/lib/apt/lists/* /tmp/y",
            f"{CLEAN}\\\n    apt-get update && apt-get install x && rm -rf /tmp/y",
        ),
        (
            "apt-get update \\\n && apt-get install x \\\n # tidy\n && rm -rf /var/lib/apt/lists/*\n# next",
            f"{CLEAN}\\\n    apt-get update \\\n && apt-get install x\n # tidy\n# next",
        ),
        (
            "apt-get update \\\n && apt-get install x \\\n # tidy\n && rm -rf /var/lib/apt/lists/* \\\n && y",
            f"{CLEAN}\\\n    apt-get update \\\n && apt-get install x \\\n # tidy\n && y",
        ),
        (
            "apt-get update \\\n && apt-get install x \\\n && apt-get clean \\\n && y",
            f"{CLEAN}\\\n    apt-get update \\\n && apt-get install x \\\n && y",
        ),
    ],
    ids=[
        "docker-clean goes",
        "set -e stays first",
        "other words stay",
        "a comment before the end",
        "a comment between",
        "the lines around it stay lines",
    ],
)
def test_what_works_against_apt_goes_with_the_mount(run: str, expected: str) -> None:
    assert fixed(f"FROM debian:12\nRUN {run}\nCMD z\n") == f"FROM debian:12\n{APT}{expected}\nCMD z\n"


def test_apt_is_told_to_keep_what_it_downloads_as_apt_get_does_by_itself() -> None:
    keep = "-o APT::Keep-Downloaded-Packages=true"
    after = fixed("FROM debian:12\nRUN apt update && apt install -y x && apt-get install -y y\n")
    run = f"{CLEAN}\\\n    apt update && apt {keep} install -y x && apt-get install -y y\n"
    assert after == f"FROM debian:12\n{APT}{run}"
    assert fixed(after) == after
    told = (
        "FROM debian:12\nRUN echo 'Binary::apt::APT::Keep-Downloaded-Packages \"true\";' > /etc/apt/apt.conf.d/keep\n"
    )
    run = f"{CLEAN}\\\n    apt update && apt install -y x\n"
    assert fixed(f"{told}RUN apt update && apt install -y x\n") == f"{told}{APT}{run}"


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        ("pip install --no-cache-dir x", "pip install x"),
        ("pip install x --no-cache-dir", "pip install x"),
        ("pip install \\\n    --no-cache-dir \\\n    x", "pip install \\\n    x"),
        ("PIP_NO_CACHE_DIR=1 pip install x", "PIP_NO_CACHE_DIR= pip install x"),
        ("pip install x && rm -rf ~/.cache", "pip install x"),
        ("pip install x && rm -rf /root/.cache/pip && y", "pip install x && y"),
        ("pip install x && pip cache purge", "pip install x"),
        ("sh -c 'pip install --no-cache-dir x'", "sh -c 'pip install x'"),
    ],
)
def test_what_works_against_pip_goes_with_the_mount(run: str, expected: str) -> None:
    mount = f"{MOUNT}/root/.cache/pip \\\n    "
    assert fixed(f"FROM python:3.12\nRUN {run}\n") == f"FROM python:3.12\nRUN {mount}{expected}\n"


def test_a_variable_of_the_stage_is_answered_for_the_one_command() -> None:
    after = fixed("FROM python:3.12\nENV PIP_NO_CACHE_DIR=off\nENV UV_NO_CACHE=1\nRUN pip install x && uv sync\n")
    assert after.endswith("pip install x && UV_NO_CACHE=false uv sync\n")


@pytest.mark.parametrize(
    ("dockerfile", "reason"),
    [
        ("FROM a:1\nUSER me\nRUN npm ci", "the home of user me is not known"),
        ("FROM a:1\nRUN useradd me\nUSER me\nRUN npm ci", "the number of user me is not known"),
        ("FROM a:1 AS b\nRUN pip install x\nFROM a:1\nCOPY --from=b /root/.cache /c", "line 4 takes something out of"),
        ("# syntax=docker/dockerfile:1.1\nFROM a:1\nRUN npm ci", "a frontend without mounts"),
        ("# escape=`\nFROM a:1\nRUN npm ci", "cache mounts are for Linux images"),
        ("# escape=`\nFROM python:3.12\nRUN pip install x", "cache mounts are for Linux images"),
        ("FROM a:1\nRUN npm ci && rm -rf /root", "cannot be taken out"),
        ("FROM alpine:3\nRUN apk update\nRUN apk add git", "the index of its packages comes from another step"),
        ("FROM a:1\nRUN npm ci || rm -rf /root/.npm", "cannot be taken out"),
    ],
)
def test_what_cannot_be_told_is_left_alone_with_the_reason(dockerfile: str, reason: str) -> None:
    assert any(reason in one for one in declined(dockerfile))


def test_yarn_that_runs_packages_from_its_cache_is_left_alone() -> None:
    settings = {"__yarnrc__yml": "nodeLinker: pnp\n", "package__json": "{}"}
    assert declined("FROM node:22\nRUN yarn install\n", **settings)
    assert "mount" in fixed("FROM node:22\nRUN yarn install\n", __yarnrc__yml="nodeLinker: node-modules\n")


@pytest.mark.parametrize(
    "run",
    [
        "echo pip install x",
        "npm run install",
        "yarn build",
        "pip --version",
        "apt-get update",
        "uv venv",
        "npm init -y",
        f"{MOUNT}/root/.npm npm ci",
        f"{MOUNT}/root npm ci",
        f"true\nUSER stranger\nRUN {MOUNT}/home/stranger/.npm npm ci",
        f"{MOUNT}$C,sharing=locked npm ci",
        "--mount=type=tmpfs,target=/root/.npm npm ci",
        "cat <<EOF > /x\npip install y\nEOF",
    ],
)
def test_what_installs_nothing_or_has_its_mount_is_left_alone(run: str) -> None:
    before = f"FROM node:22\nENV C=/root/.npm\nRUN {run}\n"
    assert fixed(before) == before
