"""The source is copied after an install that reads manifests alone, and stays first where it may want more."""

import json
from collections.abc import Mapping
from types import MappingProxyType

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


def repository(dockerfile: str, others: Mapping[str, str | None] = MappingProxyType({})) -> Repository:
    """The files of all with others beside them or in their place; None takes one away."""
    files = {"Dockerfile": dockerfile, **FILES, **others}
    return Repository(tree.of({path: text for path, text in files.items() if text is not None}))


def reordered(dockerfile: str, others: Mapping[str, str | None] = MappingProxyType({})) -> str:
    fixed = fixing.fix(repository(dockerfile, others), [manifest_after_source.RULE])
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
        (
            "COPY npm ci /opt/\nCOPY . .\nRUN npm ci\n",
            "COPY npm ci /opt/\nCOPY package.json package-lock.json ./\nRUN npm ci\nCOPY . .\n",
        ),
    ],
    ids=[
        "pip",
        "a work folder set between",
        "an absolute path",
        "flags",
        "other installs and comments between",
        "files that are called as an install is",
    ],
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
        ("COPY . .\nRUN pip install -r requirements.txt\n", {"requirements.txt": "-e .\n"}),
        ("COPY . .\nRUN pip install -r requirements.txt\n", {"requirements.txt": "./vendored\n"}),
        ("COPY . .\nRUN pip install -r requirements.txt\n", {"requirements.txt": None}),
        ("COPY . .\nRUN make && pip install -r requirements.txt\n", {}),
        ("COPY . .\nRUN make\nRUN pip install -r requirements.txt\n", {}),
        ("COPY . .\nRUN python -m venv venv && venv/bin/pip install -r requirements.txt\n", {}),
        ("COPY . .\nRUN npm ci\n", {"package.json": '{"scripts": {"prepare": "svelte-kit sync"}}'}),
        ("COPY . .\nRUN npm ci\n", {"package.json": '{"workspaces": ["a"]}'}),
        ("COPY . .\nRUN npm ci\n", {"package.json": '{"dependencies": {"b": "file:b"}}'}),
        ("COPY . .\nRUN npm ci\n", {"package.json": '{"dependencies": {"@prisma/client": "5"}}'}),
        ("COPY . .\nRUN npm ci\n", {".dockerignore": ".git\n"}),
        ("COPY . .\nRUN npm ci\n", {"package.json": "no json"}),
        ("COPY . .\nRUN poetry install\n", {}),
        ("COPY . $HOME\nRUN pip install -r requirements.txt\n", {}),
        ("COPY . .\nUSER me\nWORKDIR /x\nRUN pip install -r requirements.txt\n", {}),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value) or "nothing else",
)
def test_an_install_that_may_want_more_stays_where_it_is(dockerfile: str, others: dict[str, str | None]) -> None:
    found = auditing.run(repository(f"FROM a:1\n{dockerfile}", others), [manifest_after_source.RULE])
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


PARTS: dict[str, str | None] = {"src/a.js": "", "app/a.py": "", "pyproject.toml": "[project]\n"}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "# The program\n# and its parts\nCOPY src ./src\nCOPY package*.json ./\nRUN npm ci\nRUN npm test\n",
            "COPY package*.json ./\nRUN npm ci\n# The program\n# and its parts\nCOPY src ./src\nRUN npm test\n",
        ),
        (
            "COPY app.py ./\nCOPY app app/\nCOPY pyproject.toml ./\nRUN poetry install --only main --no-root",
            "COPY pyproject.toml ./\nRUN poetry install --only main --no-root\nCOPY app.py ./\nCOPY app app/",
        ),
        (
            "COPY --chown=1:1 app /s/app/\nENV A=1\nCOPY requirements.txt ./\n"
            "RUN python -m venv /v && /v/bin/pip install -r requirements.txt\nUSER 1\n",
            "ENV A=1\nCOPY requirements.txt ./\nRUN python -m venv /v && /v/bin/pip install -r requirements.txt\n"
            "COPY --chown=1:1 app /s/app/\nUSER 1\n",
        ),
    ],
    ids=["a folder with its comments", "two, in their order", "an absolute path"],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["newlines of Unix", "of Windows"])
def test_a_part_of_the_source_comes_after_an_install_that_reads_nothing_of_it(
    before: str, after: str, newline: str
) -> None:
    texts = [f"FROM a:1\nWORKDIR /s\n{one}".replace("\n", newline) for one in (before, after)]
    assert reordered(texts[0], PARTS) == texts[1]


@pytest.mark.parametrize(
    ("dockerfile", "others"),
    [
        pytest.param("COPY src src\nCOPY package.json ./\nRUN npm ci && npm run build\n", {}, id="the step builds too"),
        pytest.param("COPY src src\nRUN make -C src\nCOPY package.json ./\nRUN npm ci\n", {}, id="a step of its own"),
        pytest.param(
            "COPY src src\nCOPY package.json ./\nRUN npm ci\n",
            {"package.json": '{"scripts": {"postinstall": "node src/a.js"}}'},
            id="a hook",
        ),
        pytest.param(
            "COPY src src\nCOPY package.json ./\nRUN npm ci\n",
            {"package.json": '{"dependencies": {"b": "file:src/b"}}'},
            id="a package of the source",
        ),
        pytest.param("COPY scripts scripts\nCOPY package.json ./\nRUN npm ci\n", {"scripts/a.js": ""}, id="scripts"),
        pytest.param("COPY app app\nCOPY pyproject.toml ./\nRUN poetry install\n", {}, id="the project itself"),
        pytest.param(
            "COPY app app\nCOPY pyproject.toml ./\nRUN poetry install --no-root\n",
            {"pyproject.toml": '[tool.poetry.dependencies]\nmoney = { path = "app/money" }\n'},
            id="a folder among its packages",
        ),
        pytest.param("COPY app app\nCOPY requirements.txt ./\nRUN pip install -r requirements.txt ./app\n", {}, id="."),
        pytest.param(
            "COPY app app\nCOPY requirements.txt ./\nRUN pip install -f app -r requirements.txt\n", {}, id="wheels"
        ),
        pytest.param(
            "COPY app app\nRUN --mount=type=bind,target=. pip install -r requirements.txt\n", {}, id="what is mounted"
        ),
        pytest.param("COPY web /s/web\nWORKDIR /s/web\nRUN npm ci\n", {"web/package.json": "{}"}, id="its manifest"),
        pytest.param(
            "COPY api /s/api\nWORKDIR /s/api\nRUN poetry install --no-root\n",
            {"api/pyproject.toml": "[project]\n"},
            id="its project",
        ),
        pytest.param(
            "COPY deps deps\nCOPY requirements.txt ./\nRUN pip install -r requirements.txt\n",
            {"requirements.txt": "-r deps/base.txt\n", "deps/base.txt": "flask\n"},
            id="what a manifest includes",
        ),
        pytest.param(
            "COPY node_modules node_modules\nCOPY package.json ./\nRUN npm ci\n",
            {"node_modules/a/index.js": "", ".dockerignore": ".git\n"},
            id="what the install makes",
        ),
        pytest.param("COPY app.py /etc/x\nCOPY package.json ./\nRUN npm ci\n", {}, id="a setting of the system"),
        pytest.param(
            "COPY src src\nCOPY --from=x /y src\nCOPY package.json ./\nRUN npm ci\n", {}, id="one over the other"
        ),
        pytest.param("COPY src ./\nCOPY package.json ./\nRUN npm ci\n", {}, id="which may hold the manifest"),
        pytest.param("COPY src src\nWORKDIR /t\nCOPY package.json ./\nRUN npm ci\n", {}, id="from another folder"),
        pytest.param("COPY s* ./src\nCOPY package.json ./\nRUN npm ci\n", {}, id="a pattern"),
        pytest.param("COPY package.json ./\nRUN npm ci\nCOPY src src\nRUN npm ci\n", {}, id="installed before"),
    ],
)
def test_a_part_of_the_source_that_an_install_may_want_stays_before_it(
    dockerfile: str, others: dict[str, str | None]
) -> None:
    text = f"FROM a:1\nWORKDIR /s\n{dockerfile}"
    assert auditing.run(repository(text, {**PARTS, **others}), [manifest_after_source.RULE]) == ()


@pytest.mark.parametrize(
    ("dockerfile", "others", "reason"),
    [
        ("COPY package.json ./\nRUN npm install\n", {}, "package-lock.json is not copied before it"),
        ("COPY package*.json ./\nRUN npm install\n", {"yarn.lock": ""}, "there is a yarn.lock as well"),
        (
            "COPY package*.json ./\nRUN npm install\n",
            {".dockerignore": "package-lock.json"},
            "hides package-lock.json",
        ),
        ("COPY package*.json ./\nRUN npm install\n", {"package.json": '{"dependencies": {"a": "2"}}'}, "does not fit"),
        ("COPY . .\nRUN npm install\n", {".dockerignore": ".git"}, "packages may be there already"),
        ("COPY package*.json ./\nRUN npm install --no-package-lock\n", {}, "not to be used"),
        ('COPY package*.json ./\nRUN ["npm", "install"]\n', {}, "exec form"),
    ],
)
def test_npm_install_stays_where_npm_ci_may_do_otherwise(dockerfile: str, others: dict[str, str], reason: str) -> None:
    found = auditing.run(repository(f"FROM node:22\n{dockerfile}", others), [npm_install_over_ci.RULE])
    assert [reason in finding.declined for finding in found] == [True]


def test_npm_ci_needs_an_npm_that_reads_the_lock() -> None:
    found = auditing.run(repository("FROM node:14\nCOPY . .\nRUN npm install\n"), [npm_install_over_ci.RULE])
    assert "cannot read such a lock" in found[0].declined
