"""What the rules for workflows leave alone, and the forms in which their fixes find the words."""

import os
from datetime import date
from pathlib import Path

import pytest

from drydock import config, events, rules
from drydock.audit import auditing, fixing, tree
from drydock.audit.repository import Repository
from drydock.audit.rule import Rule
from drydock.commands import audit

PATH = ".github/workflows/ci.yml"
PUSH = "uses: docker/build-push-action@v6"
SETUP = "- uses: docker/setup-buildx-action@v3"


def job(*lines: str, top: str = "", runner: str = "ubuntu-24.04") -> str:
    steps = "".join(f"      {line}\n" for line in lines)
    return f"on: push\n{top}jobs:\n  one:\n    runs-on: {runner}\n    steps:\n{steps}"


def repository(files: dict[str, str]) -> Repository:
    return Repository(tree.of(files))


def of(code: str) -> list[Rule]:
    return [rule for rule in rules.RULES if rule.code == code]


@pytest.mark.parametrize(
    ("code", "text"),
    [
        pytest.param("workflow-buildkit-implicit", job("- run: docker buildx build ."), id="buildx by name"),
        pytest.param("workflow-buildkit-implicit", job("- run: DOCKER_BUILDKIT=1 docker build ."), id="set before"),
        pytest.param(
            "workflow-buildkit-implicit", job("- run: export DOCKER_BUILDKIT=1", "- run: docker build ."), id="exported"
        ),
        pytest.param("workflow-buildkit-implicit", job("- run: docker compose up -d"), id="builds nothing"),
        pytest.param("workflow-buildkit-implicit", job("- run: echo docker build ."), id="a word"),
        pytest.param(
            "workflow-buildkit-implicit", job("- run: docker build .", runner="windows-2025"), id="no BuildKit there"
        ),
        pytest.param("workflow-buildkit-implicit", job("# - run: docker build .", "- run: make"), id="commented out"),
        pytest.param("workflow-no-build-cache", job("- run: docker compose up -d"), id="starts what is built"),
        pytest.param(
            "workflow-no-build-cache", job("- run: docker compose -f other.yml build"), id="what is not there"
        ),
        pytest.param(
            "workflow-no-build-cache", job("- run: docker compose build", runner="self-hosted"), id="another's machine"
        ),
        pytest.param("workflow-compose-v1", job("- run: cat docker-compose.yml"), id="a file's name"),
        pytest.param(
            "workflow-compose-v1", job("- run: docker compose -f docker-compose.yml up"), id="a file's name behind -f"
        ),
        pytest.param("workflow-compose-v1", job("- run: command -v docker-compose"), id="only asked for"),
        pytest.param("workflow-compose-v1", job("- run: '# docker-compose up'"), id="a comment"),
        pytest.param("workflow-compose-v1", job("- run: pip install docker-compose"), id="the name of a package"),
        pytest.param("workflow-action-unpinned", job("- uses: ./.github/actions/own"), id="its own"),
        pytest.param("workflow-action-unpinned", job("- uses: docker://alpine@sha256:00"), id="an image by digest"),
        pytest.param("workflow-wide-permissions", job("- run: make", top="permissions: {}\n"), id="none"),
        pytest.param("workflow-wide-permissions", job("- run: make", top="permissions: read-all\n"), id="reading"),
        pytest.param(
            "workflow-wide-permissions", job("- run: make").replace("on: push", "on: workflow_call"), id="the caller's"
        ),
        pytest.param(
            "workflow-wide-permissions",
            job("- uses: example/release@v1", top="permissions: {contents: write}\n"),
            id="an action that may write",
        ),
        pytest.param(
            "workflow-wide-permissions",
            job("- run: python x.py", "  env: {GH: '${{ github.token }}'}", top="permissions: {contents: write}\n"),
            id="the token is handed on",
        ),
        pytest.param(
            "workflow-wide-permissions",
            job(f"- {PUSH}", "  with: {push: true}", top="permissions: {packages: write}\n"),
            id="it pushes",
        ),
        pytest.param(
            "workflow-credentials-kept",
            job("- uses: actions/checkout@v6", "  with: {persist-credentials: false}"),
            id="not kept",
        ),
        pytest.param("workflow-cache-driver", job(f"- {PUSH}", "  with: {cache-from: 'type=gha'}"), id="reads alone"),
        pytest.param(
            "workflow-cache-driver",
            job(f"- {PUSH}", "  with: {cache-to: 'type=gha', builder: own}"),
            id="a builder is named",
        ),
        pytest.param(
            "workflow-cache-driver",
            job(f"- {PUSH}", "  with: {cache-to: 'type=gha'}", runner="self-hosted"),
            id="another's machine",
        ),
        pytest.param(
            "workflow-cache-driver",
            job("- uses: ./.github/actions/prepare", f"- {PUSH}", "  with: {cache-to: 'type=gha'}"),
            id="an action that may make one",
        ),
        pytest.param(
            "workflow-cache-driver",
            job("- run: docker buildx create --use", f"- {PUSH}", "  with: {cache-to: 'type=gha'}"),
            id="a script makes one",
        ),
        pytest.param(
            "workflow-shared-cache-scope",
            job(
                *(
                    f"- {PUSH}\n        with: {{context: a, cache-to: 'type=gha'{more}}}"
                    for more in ("", ", push: true")
                ),
            ),
            id="one image, built and pushed",
        ),
        pytest.param(
            "workflow-shared-cache-scope",
            job(
                f"- {PUSH}",
                "  with: {context: '${{ matrix.a }}', cache-to: 'type=gha,scope=${{ matrix.a }}'}",
            ),
            id="a matrix with a scope each",
        ),
        pytest.param(
            "workflow-image-built-twice",
            job(f"- {PUSH}", "  with: {context: ., load: true}", f"- {PUSH}", "  with: {context: ., push: true}"),
            id="loaded for tests, then pushed",
        ),
        pytest.param(
            "workflow-image-built-twice",
            job(
                f"- {PUSH}",
                "  if: github.event_name == 'push'",
                "  with: {context: .}",
                f"- {PUSH}",
                "  with: {context: .}",
            ),
            id="a condition chooses",
        ),
        pytest.param(
            "workflow-image-built-twice", job("- run: docker build a", "- run: docker build b"), id="two images"
        ),
        pytest.param(
            "workflow-image-built-twice", job('- run: docker build "$A"', '- run: docker build "$A"'), id="a variable"
        ),
        pytest.param(
            "workflow-image-built-twice", job("- run: ./run build", "- run: ./run test"), id="a script with a choice"
        ),
        pytest.param(
            "ci-builds-other-image", job("- run: docker buildx bake", "- run: docker build --target a ."), id="bake"
        ),
        pytest.param("ci-builds-other-image", job("- run: docker compose build"), id="what compose names"),
        pytest.param("ci-builds-other-image", job('- run: docker build --build-arg VERSION="$V" .'), id="filled in"),
        pytest.param(
            "ci-builds-other-image", job("- run: docker build --target runtime ."), id="the last stage by name"
        ),
        pytest.param(
            "version-disagrees",
            job("- uses: actions/setup-python@v5", "  with: {python-version: '${{ matrix.python }}'}"),
            id="a matrix",
        ),
        pytest.param(
            "version-disagrees",
            job("- uses: actions/setup-python@v5", '  with: {python-version: "3.11\\n3.12"}'),
            id="a list with it",
        ),
        pytest.param(
            "version-disagrees", job("- uses: actions/setup-python@v5", "  with: {python-version: 3.x}"), id="any"
        ),
        pytest.param(
            "version-disagrees",
            job(
                *("- uses: actions/setup-python@v5", "  with: {python-version: '3.12'}"),
                *("- uses: actions/setup-python@v5", "  with: {python-version: '3.13'}"),
            ),
            id="the newer one as well",
        ),
        pytest.param("workflow-bypasses-sessions", job("- run: pytest --version"), id="asks for its version"),
        pytest.param("workflow-bypasses-sessions", job("- run: pipx run nox -s tests"), id="sessions by another way"),
    ],
)
def test_what_may_be_meant_is_left_alone(code: str, text: str) -> None:
    files = {
        PATH: text,
        "compose.yml": "services:\n  web:\n    build: .\n",
        "Dockerfile": "FROM python:3.12-slim AS builder\nARG VERSION=1\nFROM python:3.12-slim AS runtime\n",
        "noxfile.py": "import nox\n@nox.session\ndef tests(session): ...\n",
        "run": "#!/bin/sh\ndocker build .\ndocker build .\n",
    }
    assert of(code)
    assert [one.message for one in auditing.run(repository(files), of(code))] == []


@pytest.mark.parametrize(
    "name", [".github/workflows/ci.yaml.draft", "workflows/ci.yml", ".github/workflows/more/ci.yml"]
)
def test_what_github_does_not_run_is_no_workflow(name: str) -> None:
    files = {name: job("- uses: actions/checkout@v6")}
    assert list(auditing.run(repository(files), of("workflow-action-unpinned"))) == []


@pytest.mark.parametrize(
    ("code", "before", "after"),
    [
        pytest.param(
            "workflow-compose-v1",
            job("- run: |", "    if true; then", "      docker-compose up -d  # docker-compose", "    fi"),
            job("- run: |", "    if true; then", "      docker compose up -d  # docker-compose", "    fi"),
            id="in a block",
        ),
        pytest.param(
            "workflow-compose-v1",
            job('- run: "docker-compose ps && id=$(docker-compose ps -q)"'),
            job('- run: "docker compose ps && id=$(docker compose ps -q)"'),
            id="in quotes, and inside of another",
        ),
        pytest.param(
            "workflow-compose-v1",
            job("- run: |", "    docker-compose up", "    docker-compose down").replace("\n", "\r\n"),
            job("- run: |", "    docker compose up", "    docker compose down").replace("\n", "\r\n"),
            id="windows newlines",
        ),
        pytest.param(
            "workflow-credentials-kept",
            job("- name: a", "  uses: actions/checkout@v6  # why", "- run: make"),
            job(
                *("- name: a", "  uses: actions/checkout@v6  # why", "  with:", "    persist-credentials: false"),
                "- run: make",
            ),
            id="no inputs yet",
        ),
        pytest.param(
            "workflow-credentials-kept",
            job("- uses: actions/checkout@v6", "  with:", "    persist-credentials: true # so"),
            job("- uses: actions/checkout@v6", "  with:", "    persist-credentials: false # so"),
            id="kept on purpose, it seems",
        ),
        pytest.param(
            "workflow-wide-permissions",
            job("- run: make", top="permissions: write-all # all\n"),
            job("- run: make", top="permissions:\n  contents: read # all\n"),
            id="every permission",
        ),
    ],
)
def test_a_fix_changes_its_own_words_alone(code: str, before: str, after: str) -> None:
    fixed = fixing.fix(repository({PATH: before}), of(code), unsafe=True)
    assert fixed.repository.tree.read(PATH).decode() == after


@pytest.mark.parametrize(
    ("code", "text"),
    [
        pytest.param("workflow-compose-v1", job("- run: >", "    docker-compose up", "    -d"), id="folded"),
        pytest.param(
            "workflow-compose-v1",
            job("- run: apt-get install -y docker-compose", "- run: docker-compose up"),
            id="installed",
        ),
        pytest.param(
            "workflow-compose-v1", job("- run: docker-compose up -d && docker logs app_web_1"), id="containers of old"
        ),
        pytest.param(
            "workflow-compose-v1", job("- run: docker-compose up", runner="self-hosted"), id="another's machine"
        ),
        pytest.param(
            "workflow-credentials-kept", job("- uses: actions/checkout@v6", "- run: git push"), id="git needs them"
        ),
        pytest.param(
            "workflow-credentials-kept",
            job("- uses: actions/checkout@v6", "- uses: example/commit@v1"),
            id="an action may",
        ),
        pytest.param(
            "workflow-wide-permissions",
            job("- run: gh release create", top="permissions: write-all\n"),
            id="which it needs, who knows",
        ),
        pytest.param(
            "workflow-shared-cache-scope",
            job(
                *(f"- {PUSH}", "  with: {context: a, cache-to: 'type=gha,scope=${{ github.ref }}'}"),
                *(f"- {PUSH}", "  with: {context: b, cache-to: 'type=gha,scope=${{ github.ref }}'}"),
            ),
            id="scopes with variables",
        ),
    ],
)
def test_a_fix_is_declined_with_its_reason(code: str, text: str) -> None:
    fixed = fixing.fix(repository({PATH: text}), of(code), unsafe=True)
    assert fixed.changed == ()
    assert [finding.declined for finding in fixed.left if finding.declined]


@pytest.mark.parametrize(
    ("script", "build", "found"),
    [
        ("docker compose build", ".", 1),
        ("docker-compose -f compose.yml up -d --build", "{context: .}", 1),
        ("docker buildx build .", ".", 1),
        ("docker compose build", "{context: ., cache_from: ['type=gha'], cache_to: ['type=gha']}", 0),
        ("docker buildx build --cache-from=type=gha --cache-to=type=gha .", ".", 0),
    ],
)
def test_a_script_builds_without_a_cache_where_neither_it_nor_compose_names_one(
    script: str, build: str, found: int
) -> None:
    files = {PATH: job(f"- run: {script}"), "compose.yml": f"services:\n  web:\n    build: {build}\n"}
    files["Dockerfile"] = "FROM a:1\n"
    assert len(list(auditing.run(repository(files), of("workflow-no-build-cache")))) == found


def test_scopes_are_given_to_all_but_the_first_image() -> None:
    steps = [
        f"- {PUSH}\n        with:\n          context: {one}\n          cache-from: type=gha,scope=all\n"
        "          cache-to: type=gha,scope=all,mode=max"
        for one in ("a", "b", "c")
    ]
    fixed = fixing.fix(repository({PATH: job(SETUP, *steps)}), of("workflow-shared-cache-scope"))
    text = fixed.repository.tree.read(PATH).decode()
    assert [text.count(f"scope={one}") for one in ("all", "b", "c")] == [2, 2, 2]


def test_of_a_build_argument_that_differs_only_the_name_is_told() -> None:
    files = {
        PATH: job("- run: docker build --build-arg API_TOKEN=k3j4h5 ."),
        "compose.yml": "services:\n  web:\n    build: {context: ., args: {API_TOKEN: x9y8z7}}\n",
        "Dockerfile": "FROM python:3.12-slim\nARG API_TOKEN\n",
    }
    (finding,) = auditing.run(repository(files), of("ci-builds-other-image"))
    assert finding.message.endswith("API_TOKEN has another value")


PROJECT = Path(__file__).parents[1]
OWN = (PROJECT / PATH).read_text(encoding="utf-8")
LINT = "      - run: ./dev nox -s lint\n"


def linted(tmp_path: Path, workflow: str, without: str = "") -> list[str]:
    """What `nox -s lint` finds of a workflow in place of this repository's own; its audit fails from a note on."""
    own = ("noxfile.py", "pyproject.toml", "infra/docker-compose.yml", "dev")
    files = {PATH: workflow, **{name: (PROJECT / name).read_text() for name in own if name != without}}
    assert '"audit", "--severity", "note"' in files["noxfile.py"]
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    request = audit.Request(severity="note", select=("workflow-bypasses-sessions",))
    report = audit.run(config.load(tmp_path, os.environ), request, tell=events.silent, today=date(2026, 6, 1))
    assert report.code == (1 if report.findings else 0)
    return [one.message for one in report.findings]


def test_this_repositorys_workflow_runs_sessions_and_nothing_else(tmp_path: Path) -> None:
    assert linted(tmp_path, OWN) == []


@pytest.mark.parametrize(
    ("step", "found"),
    [
        ("- run: pip install x", "runs `pip install x`"),
        ("- run: docker build .", "runs `docker build .`"),
        ("- run: npm test", "runs `npm test`"),
        ("- run: ./dev build", "runs `./dev build`"),
        ("- run: nox-but-not-really", "runs `nox-but-not-really`"),
        ("- run: ./dev nox -s lint && curl https://example.org", "runs `curl https://example.org`"),
        ("- run: ./dev nox -s lint; ./dev up", "runs `./dev up`"),
        ("- run: ./dev nox -s $(curl https://example.org)", "runs `./dev nox -s $(curl https://example.org)`"),
        ("- run: ./dev nox -s `ls`", "runs `./dev nox -s `ls``"),
        ("- run: sh -c 'nox -s lint | tee log'", "runs `tee log`"),
        ("- run: echo '### done' >> $GITHUB_STEP_SUMMARY", "runs `echo ### done`"),
        ("- {run: nox, shell: python}", "runs `nox`"),
        ("- {run: nox, shell: bash other.sh}", "runs `nox`"),
        ("- {run: nox, working-directory: backend}", "runs `cd backend && nox`"),
        ("- run: ./deploy.sh nox", "runs `./deploy.sh nox`"),
        ("- run: scripts/dev nox", "runs `scripts/dev nox`"),
        ("- run: ./nox", "runs `./nox`"),
        ("- run: nox -f other.py", "runs `nox -f other.py`"),
        ("- run: nox -vfother.py", "runs `nox -vfother.py`"),
        ("- run: uv run nox --noxfile=other.py", "runs `uv run nox --noxfile=other.py`"),
        ("- run: ./dev nox --noxfile other.py -s lint", "runs `./dev nox --noxfile other.py -s lint`"),
        ("- {run: nox, env: {BASH_ENV: ./other.sh}}", "sets BASH_ENV, which runs a file"),
        ("- uses: docker/build-push-action@v6", "uses docker/build-push-action"),
        ("- uses: example/builds-and-pushes@v1", "uses example/builds-and-pushes"),
        ("- uses: ./.github/actions/own", "uses ./.github/actions/own"),
    ],
)
def test_lint_fails_where_the_workflow_runs_anything_outside_the_sessions(
    tmp_path: Path, step: str, found: str
) -> None:
    assert LINT in OWN
    (message,) = linted(tmp_path, OWN.replace(LINT, f"{LINT}      {step}\n"))
    assert message == f"lint {found} beside the nox sessions"


def test_lint_fails_where_the_workflow_calls_another(tmp_path: Path) -> None:
    called = "  other:\n    uses: example/workflows/.github/workflows/build.yml@v1\n"
    assert linted(tmp_path, f"{OWN}\n{called}") == ["other calls another workflow beside the nox sessions"]


@pytest.mark.parametrize(
    ("anchor", "more", "found"),
    [
        ("jobs:\n", "defaults: {run: {shell: python}}\n", "lint runs `./dev nox -s lint`"),
        (
            "jobs:\n",
            "defaults: {run: {working-directory: ./backend}}\n",
            "lint runs `cd ./backend && ./dev nox -s lint`",
        ),
        ("  lint:\n", "    defaults: {run: {shell: python}}\n", "lint runs `./dev nox -s lint`"),
        ("  lint:\n", "    container: alpine\n", "lint runs in a container"),
        ("  lint:\n", "    container: {image: alpine}\n", "lint runs in a container"),
        ("  lint:\n", "    env: {BASH_ENV: ./other.sh}\n", "lint sets BASH_ENV, which runs a file"),
        ("env:\n", "  BASH_ENV: ./other.sh\n", "the workflow sets BASH_ENV, which runs a file"),
    ],
)
def test_lint_fails_where_something_else_runs_around_the_sessions(
    tmp_path: Path, anchor: str, more: str, found: str
) -> None:
    text = OWN[: OWN.index("\n  tests:")]
    whole = text.replace(anchor, f"{more}{anchor}" if more.startswith("defaults") else f"{anchor}{more}")
    assert linted(tmp_path, whole) == [f"{found} beside the nox sessions"]


@pytest.mark.parametrize(
    "step",
    [
        "- run: pip install nox && nox -s lint",
        "- run: python -m nox -s lint",
        "- run: X=1 nox",
        "- run: uv run nox",
        "- run: ./dev test",
        "- run: nox -s lint -- -f words",
        "- {run: nox, shell: 'bash -eo pipefail {0}', working-directory: ./}",
        "- {run: nox, env: {OTHER: words}}",
    ],
)
def test_a_session_may_be_started_in_its_ways(tmp_path: Path, step: str) -> None:
    assert linted(tmp_path, OWN.replace(LINT, f"{LINT}      {step}\n")) == []


def test_a_launcher_that_the_repository_does_not_have_starts_no_session(tmp_path: Path) -> None:
    one = OWN[: OWN.index("\n  tests:")]
    assert linted(tmp_path, one, without="dev") == ["lint runs `./dev nox -s lint` beside the nox sessions"]
