"""The source is copied after an install that reads manifests alone, and stays first where it may want more."""

import json

import pytest

from drydock.audit import auditing, fixing, tree
from drydock.audit.repository import Repository
from drydock.rules import manifest_after_source, npm_install_over_ci

LOCK = json.dumps({"lockfileVersion": 3, "packages": {"": {"dependencies": {"a": "1"}}}})
FILES = {
    "requirements.txt": "flask\n",
    "package.json": json.dumps({"dependencies": {"a": "1"}}),
    "package-lock.json": LOCK,
    ".dockerignore": "node_modules\n.git\n",
    "app.py": "",
}


def repository(dockerfile: str, **others: str | None) -> Repository:
    changed = {name.replace("__", ".").replace("_", "-"): text for name, text in others.items()}
    files = {"Dockerfile": dockerfile, **FILES, **changed}
    return Repository(tree.of({path: text for path, text in files.items() if text is not None}))


def reordered(dockerfile: str, **others: str | None) -> str:
    fixed = fixing.fix(repository(dockerfile, **others), [manifest_after_source.RULE])
    return fixed.repository.tree.read("Dockerfile").decode()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "COPY . .\nRUN pip install -r requirements.txt\n",
            "COPY requirements.txt ./\nRUN pip install -r requirements.txt\nCOPY . .\n",
        ),
        ("COPY . srv\nWORKDIR /srv\nRUN pip install -r requirements.txt\n", ""),
        (
            "COPY . /srv\nWORKDIR /srv\nRUN pip install -r requirements.txt\n",
            "COPY requirements.txt /srv/\nWORKDIR /srv\nRUN pip install -r requirements.txt\nCOPY . /srv\n",
        ),
        (
            "COPY --chown=1:1 --link . /srv/\nRUN pip install -r /srv/requirements.txt\n",
            "COPY --chown=1:1 --link requirements.txt /srv/\nRUN pip install -r /srv/requirements.txt\n"
            "COPY --chown=1:1 --link . /srv/\n",
        ),
        (
            "WORKDIR /s\n# all\nCOPY . .\nENV A=1\n# packages\nRUN apt-get update && apt-get install -y x\nRUN npm ci\n"
            "RUN npm run build\n",
            "WORKDIR /s\n# all\nCOPY package.json package-lock.json ./\nENV A=1\n# packages\n"
            "RUN apt-get update && apt-get install -y x\nRUN npm ci\nCOPY . .\nRUN npm run build\n",
        ),
    ],
    ids=["pip", "a work folder set between", "an absolute path", "flags", "other installs and comments between"],
)
def test_manifests_come_first(before: str, after: str) -> None:
    assert reordered(f"FROM a:1\n{before}") == f"FROM a:1\n{after or before}"


def test_requirements_that_include_others_bring_them_along() -> None:
    files = {"requirements/prod.txt": "-r base.txt\n", "requirements/base.txt": "flask\n", "Dockerfile": ""}
    files["Dockerfile"] = "FROM a:1\nCOPY . /s\nRUN pip install -r /s/requirements/prod.txt\n"
    fixed = fixing.fix(Repository(tree.of(files)), [manifest_after_source.RULE])
    line = "COPY requirements/prod.txt requirements/base.txt /s/requirements/\n"
    assert fixed.repository.tree.read("Dockerfile").decode().split("\n", 1)[1].startswith(line)


@pytest.mark.parametrize(
    ("dockerfile", "others"),
    [
        ("COPY . .\nRUN pip install -e .\n", {}),
        ("COPY . .\nRUN pip install -r requirements.txt\n", {"requirements__txt": "-e .\n"}),
        ("COPY . .\nRUN pip install -r requirements.txt\n", {"requirements__txt": "./vendored\n"}),
        ("COPY . .\nRUN pip install -r requirements.txt\n", {"requirements__txt": None}),
        ("COPY . .\nRUN make && pip install -r requirements.txt\n", {}),
        ("COPY . .\nRUN make\nRUN pip install -r requirements.txt\n", {}),
        ("COPY . .\nRUN npm ci\n", {"package__json": '{"scripts": {"prepare": "svelte-kit sync"}}'}),
        ("COPY . .\nRUN npm ci\n", {"package__json": '{"workspaces": ["a"]}'}),
        ("COPY . .\nRUN npm ci\n", {"package__json": '{"dependencies": {"b": "file:b"}}'}),
        ("COPY . .\nRUN npm ci\n", {"package__json": '{"dependencies": {"@prisma/client": "5"}}'}),
        ("COPY . .\nRUN npm ci\n", {"__dockerignore": ".git\n"}),
        ("COPY . .\nRUN npm ci\n", {"package__json": "no json"}),
        ("COPY . .\nRUN poetry install\n", {}),
        ("COPY . $HOME\nRUN pip install -r requirements.txt\n", {}),
        ("COPY . .\nUSER me\nWORKDIR /x\nRUN pip install -r requirements.txt\n", {}),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value) or "nothing else",
)
def test_an_install_that_may_want_more_stays_where_it_is(dockerfile: str, others: dict[str, str | None]) -> None:
    found = auditing.run(repository(f"FROM a:1\n{dockerfile}", **others), [manifest_after_source.RULE])
    assert [(finding.fix is None, bool(finding.declined)) for finding in found] == [(True, True)]


@pytest.mark.parametrize(
    "dockerfile",
    [
        "COPY requirements.txt .\nRUN pip install -r requirements.txt\nCOPY . .\n",
        "COPY . .\nRUN apt-get update && apt-get install -y curl\n",
        "COPY . .\nRUN npm install -g pnpm\n",
        "COPY . .\nRUN make\n",
        "COPY --from=x . .\nRUN pip install -r requirements.txt\n",
        "COPY . .\nFROM a:1\nRUN pip install -r requirements.txt\n",
    ],
)
def test_what_no_edit_of_the_source_reinstalls_is_left_alone(dockerfile: str) -> None:
    assert auditing.run(repository(f"FROM a:1\n{dockerfile}"), [manifest_after_source.RULE]) == ()


@pytest.mark.parametrize(
    ("dockerfile", "others", "reason"),
    [
        ("COPY package.json ./\nRUN npm install\n", {}, "package-lock.json is not copied before it"),
        ("COPY package*.json ./\nRUN npm install\n", {"yarn__lock": ""}, "there is a yarn.lock as well"),
        (
            "COPY package*.json ./\nRUN npm install\n",
            {"__dockerignore": "package-lock.json"},
            "hides package-lock.json",
        ),
        ("COPY package*.json ./\nRUN npm install\n", {"package__json": '{"dependencies": {"a": "2"}}'}, "does not fit"),
        ("COPY . .\nRUN npm install\n", {"__dockerignore": ".git"}, "packages may be there already"),
        ("COPY package*.json ./\nRUN npm install --no-package-lock\n", {}, "not to be used"),
        ('COPY package*.json ./\nRUN ["npm", "install"]\n', {}, "exec form"),
    ],
)
def test_npm_install_stays_where_npm_ci_may_do_otherwise(dockerfile: str, others: dict[str, str], reason: str) -> None:
    files = {("package-lock.json" if name == "lock" else name): text for name, text in others.items()}
    found = auditing.run(repository(f"FROM node:22\n{dockerfile}", **files), [npm_install_over_ci.RULE])
    assert [reason in finding.declined for finding in found] == [True]


def test_npm_ci_needs_an_npm_that_reads_the_lock() -> None:
    found = auditing.run(repository("FROM node:14\nCOPY . .\nRUN npm install\n"), [npm_install_over_ci.RULE])
    assert "cannot read such a lock" in found[0].declined
