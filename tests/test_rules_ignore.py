"""What the rules for ignore files and versions leave alone, and what their fixes never hide."""

import pytest

from drydock import rules
from drydock.audit import auditing, fixing, tree
from drydock.audit.repository import Repository
from drydock.audit.rule import Rule

COPY = "FROM python:3.12-slim\nCOPY . .\n"
NODE = "FROM node:22-slim\nCOPY . .\nRUN npm ci\n"
KEY = "-----BEGIN PRIVATE KEY-----\n"
BUILT = {"compose.yml": "services:\n  web:\n    build: .\n"}


def of(code: str) -> list[Rule]:
    return [rule for rule in rules.RULES if rule.code == code]


@pytest.mark.parametrize(
    ("code", "files"),
    [
        pytest.param(
            "ignore-dead", {"Dockerfile": COPY, "web/.dockerignore": "a\n", "web/Dockerfile": COPY}, id="guessed"
        ),
        pytest.param(
            "ignore-dead",
            {**BUILT, "Dockerfile": COPY, "web/.dockerignore": "a\n", "build.sh": "docker build web\n"},
            id="a script builds something",
        ),
        pytest.param(
            "ignore-dead",
            {
                "compose.yml": "services:\n  web:\n    build: {context: ., additional_contexts: {t: ./tests}}\n",
                "Dockerfile": COPY,
                "tests/.dockerignore": "a\n",
            },
            id="an additional context",
        ),
        pytest.param(
            "ignore-dead",
            {
                **BUILT,
                "Dockerfile": COPY,
                "web/.dockerignore": "a\n",
                ".github/workflows/a.yml": "jobs:\n  a:\n    steps:\n      - uses: docker/build-push-action@v6\n"
                "        with: {context: ./web}\n",
            },
            id="a workflow's context",
        ),
        pytest.param("ignore-dead", {".dockerignore": "a\n"}, id="nothing is built"),
        pytest.param(
            "ignore-root-anchored",
            {"Dockerfile": NODE, ".dockerignore": "node_modules\n", "package.json": "{}"},
            id="one package",
        ),
        pytest.param(
            "ignore-root-anchored", {"Dockerfile": COPY, ".dockerignore": "__pycache__\n", "a.py": ""}, id="no folders"
        ),
        pytest.param(
            "ignore-root-anchored",
            {"Dockerfile": COPY, ".dockerignore": "__pycache__\n**/__pycache__\n", "a/a.py": ""},
            id="the other line is there",
        ),
        pytest.param(
            "ignore-root-anchored",
            {"Dockerfile": COPY, ".dockerignore": "__pycache__\nsrc\n", "src/a.py": ""},
            id="all is hidden",
        ),
        pytest.param(
            "ignore-root-anchored", {"Dockerfile": COPY, ".dockerignore": "/dist\n", "a/dist/b": ""}, id="meant so"
        ),
        pytest.param(
            "ignore-incomplete", {"Dockerfile": COPY, ".dockerignore": "*\n!a.py\n", "a.py": ""}, id="what may be seen"
        ),
        pytest.param(
            "ignore-incomplete",
            {"Dockerfile": COPY.replace("COPY", "RUN git describe\nCOPY"), ".dockerignore": "a\n"},
            id="the build asks git",
        ),
        pytest.param(
            "ignore-incomplete",
            {"Dockerfile": "FROM a\nCOPY .git .git\n", ".dockerignore": "a\n"},
            id="history is copied",
        ),
        pytest.param(
            "ignore-incomplete",
            {"Dockerfile": "FROM a\nRUN --mount=type=bind,source=.git,target=/g true\n", ".dockerignore": "a\n"},
            id="history is mounted",
        ),
        pytest.param(
            "ignore-incomplete",
            {"web/Dockerfile": COPY, "web/.dockerignore": "a\n", "compose.yml": "services:\n  a:\n    build: web\n"},
            id="no history in a folder below",
        ),
        pytest.param(
            "ignore-incomplete",
            {
                "Dockerfile": 'FROM node:22-slim\nCOPY . .\nCMD ["node", "dist/a.js"]\n',
                ".dockerignore": ".git\n",
                ".gitignore": "dist\n",
                "package.json": '{"scripts": {"build": "tsc"}}',
            },
            id="the host's output is what ships",
        ),
        pytest.param("ignore-lacks-secrets", {"Dockerfile": COPY, ".dockerignore": "a\n"}, id="no secret in sight"),
        pytest.param(
            "ignore-lacks-secrets",
            {"Dockerfile": "FROM python:3.12\nRUN pip install x\n", ".dockerignore": "a\n", ".gitignore": ".env\n"},
            id="a build that takes nothing of the context",
        ),
        pytest.param(
            "ignore-incomplete",
            {"Dockerfile": "FROM python:3.12\nRUN pip install x\n", ".dockerignore": "a\n", "main.py": ""},
            id="history that no build takes",
        ),
        pytest.param(
            "ignore-lacks-secrets",
            {
                "Dockerfile": COPY,
                ".dockerignore": "a\n",
                ".env": "PORT=80\n# PASSWORD=x\n",
                ".env.example": "PASSWORD=\n",
            },
            id="settings without secrets",
        ),
        pytest.param(
            "ignore-lacks-secrets",
            {"Dockerfile": COPY, ".dockerignore": "a\n", "ca.pem": "-----BEGIN CERTIFICATE-----\n"},
            id="a certificate",
        ),
        pytest.param(
            "ignore-lacks-secrets",
            {"Dockerfile": COPY, ".dockerignore": "a\n", "tests/certs/server.key": ""},
            id="a key of the tests",
        ),
        pytest.param(
            "ignore-lacks-secrets",
            {"Dockerfile": "FROM a\nCOPY .env .\n", ".dockerignore": "a\n", ".gitignore": ".env\n", ".env": ""},
            id="copied by name, which another rule says",
        ),
        pytest.param(
            "ignore-hides-copied", {"Dockerfile": "FROM a\nCOPY b .\n", ".dockerignore": "b\n"}, id="nothing there"
        ),
        pytest.param(
            "ignore-hides-copied",
            {"Dockerfile": "FROM a\nCOPY b* .\n", ".dockerignore": "b1\n", "b1": "", "b2": ""},
            id="some of a pattern",
        ),
        pytest.param(
            "ignore-hides-copied",
            {"Dockerfile": "FROM a\nCOPY --from=x b .\n", ".dockerignore": "b\n", "b": ""},
            id="from another image",
        ),
        pytest.param(
            "copy-of-ignored",
            {"Dockerfile": "FROM a\nCOPY dist .\n", ".dockerignore": "dist\n!dist/app\n"},
            id="not there, and partly taken back in",
        ),
        pytest.param(
            "copy-of-ignored",
            {"docker/Dockerfile": "FROM a\nCOPY src app.jar ./\n", ".dockerignore": "*\n!src\n", "src/a": ""},
            id="not there, in a folder that is guessed",
        ),
        pytest.param(
            "copy-of-ignored", {"Dockerfile": "FROM a\nCOPY a* .\n", ".dockerignore": "a*\n"}, id="a pattern of nothing"
        ),
        pytest.param("version-disagrees", {"Dockerfile": COPY, ".python-version": "3.12.4\n"}, id="a patch more"),
        pytest.param(
            "version-disagrees", {"Dockerfile": COPY, ".python-version": "pypy3.10\n"}, id="another interpreter"
        ),
        pytest.param("version-disagrees", {"Dockerfile": NODE, ".nvmrc": "lts/iron\n"}, id="a name"),
        pytest.param("version-disagrees", {"Dockerfile": NODE, ".nvmrc": "v22.3.0"}, id="as nvm writes it"),
        pytest.param(
            "version-disagrees", {"Dockerfile": "FROM node:lts\n", ".nvmrc": "20\n"}, id="a base without a number"
        ),
        pytest.param(
            "version-disagrees", {"Dockerfile": "FROM node:20 AS a\nFROM node:22\n", ".nvmrc": "20\n"}, id="two bases"
        ),
        pytest.param(
            "version-disagrees",
            {"Dockerfile": NODE, "package.json": '{"engines": {"node": "^20.1 || >=22.4 <25"}}'},
            id="a range",
        ),
        pytest.param(
            "version-disagrees",
            {"Dockerfile": NODE, "package.json": '{"engines": {"node": "20 - 24"}}'},
            id="no simple range",
        ),
        pytest.param(
            "version-disagrees",
            {"Dockerfile": COPY, "pyproject.toml": '[project]\nrequires-python = ">=3.9,<4,!=3.10.*"\n'},
            id="bounds",
        ),
        pytest.param("version-disagrees", {"a/Dockerfile": COPY, "b/.python-version": "3.9\n"}, id="another folder"),
    ],
)
def test_what_may_be_meant_is_left_alone(code: str, files: dict[str, str]) -> None:
    assert of(code)
    assert [one.message for one in auditing.run(Repository(tree.of(files)), of(code))] == []


@pytest.mark.parametrize(
    ("code", "files", "after"),
    [
        pytest.param(
            "ignore-incomplete",
            {"Dockerfile": COPY, ".dockerignore": "b\r\n!b/c", "a/a.py": ""},
            ".git\r\n**/__pycache__\r\nb\r\n!b/c",
            id="in front of what is taken back in",
        ),
        pytest.param(
            "ignore-incomplete",
            {"Dockerfile": COPY, ".dockerignore": "b", "a/a.py": ""},
            "b\n.git\n**/__pycache__\n",
            id="no newline at the end",
        ),
        pytest.param(
            "ignore-lacks-secrets",
            {"Dockerfile": COPY, ".dockerignore": "b\n", ".gitignore": ".env\n", "ca.pem": "", ".env.example": ""},
            "b\n**/.env\n**/*.key\n",
            id="nothing that is no secret",
        ),
        pytest.param(
            "ignore-lacks-secrets",
            {"Dockerfile": "FROM a\nCOPY src .\n", ".dockerignore": "**/.env*\n**/*.key\n", "certs/own.pem": KEY},
            "**/.env*\n**/*.key\n**/*.pem\n",
            id="a private key as PEM",
        ),
        pytest.param(
            "ignore-lacks-secrets",
            {
                "Dockerfile": "FROM a\nCOPY src .\n",
                ".dockerignore": "**/.env*\n**/*.key\n",
                "own.pem": KEY,
                "ca.pem": "-----BEGIN CERTIFICATE-----\n",
            },
            "**/.env*\n**/*.key\n**/own.pem\n",
            id="a private key beside a certificate",
        ),
        pytest.param(
            "ignore-root-anchored",
            {"Dockerfile": COPY, ".dockerignore": "# a\n  /__pycache__/  \nb\n", "a/a.py": ""},
            "# a\n  **/__pycache__/  \nb\n",
            id="blanks around it",
        ),
    ],
)
def test_a_fix_changes_its_own_words_alone(code: str, files: dict[str, str], after: str) -> None:
    fixed = fixing.fix(Repository(tree.of(files)), of(code))
    assert fixed.repository.tree.read(".dockerignore").decode() == after


def test_a_folder_that_tools_make_cannot_be_copied_where_it_is_hidden() -> None:
    files = {**BUILT, "Dockerfile": "FROM a\nCOPY ./node_modules /n\n", ".dockerignore": "**/node_modules\n"}
    (finding,) = auditing.run(Repository(tree.of(files)), of("copy-of-ignored"))
    assert (finding.line, finding.message) == (2, "./node_modules is hidden by .dockerignore")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("package.json", '{"engines": {"node": ">=24"}}'),
        ("pyproject.toml", '[project]\nrequires-python = ">=3.13"\n'),
    ],
)
def test_what_a_manifest_asks_for_is_missed_by_the_dockerfile(name: str, text: str) -> None:
    files = {**BUILT, "Dockerfile": "FROM node:22 AS a\nFROM python:3.12\nFROM node:22\nFROM python:3.12\n"}
    (finding,) = auditing.run(Repository(tree.of({**files, name: text})), of("version-disagrees"))
    assert (finding.path, finding.line) == ("Dockerfile", 1 if name == "package.json" else 2)
    assert f"{name} asks for >=" in finding.message


def test_settings_that_git_keeps_and_an_image_may_read_are_hidden_only_when_asked_for() -> None:
    files = {"Dockerfile": COPY, ".dockerignore": "b\n", ".env": "API_TOKEN=k3j4h5\n"}
    (finding,) = auditing.run(Repository(tree.of(files)), of("ignore-lacks-secrets"))
    assert finding.fix is not None
    assert not finding.fix.safe
