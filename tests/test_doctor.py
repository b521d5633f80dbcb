"""The doctor: each verdict from what was seen, and the report."""

import json
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import pytest

from drydock import config
from drydock.checks import (
    State,
    Verdict,
    client,
    docker,
    fail,
    looking_repository,
    machine,
    network,
    ok,
    order,
    remedies,
    settings,
    survey,
    unknown,
    warn,
)
from drydock.checks.survey import Chosen, Facts
from drydock.commands import doctor
from drydock.engines.builders import Builder
from drydock.engines.missing import Cause, NoEngine
from drydock.errors import Misuse
from drydock.events import silent
from drydock.measures import reports
from drydock.measures.reports import Kind

T = TypeVar("T")
OK, WARN, FAIL = State.OK, State.WARN, State.FAIL
GOOD = "A=1\nB=2\n"


def helpers(*installed: str) -> Callable[[str], bool]:
    """Whether a credential helper is installed."""
    return lambda name: name in installed


FAR = Builder("far", "remote", "tcp://h:1", True, "v0.13.1", ("linux/amd64",))


@pytest.mark.parametrize(
    ("verdict", "state", "words"),
    [
        pytest.param(docker.client(None, ""), FAIL, "not installed", id="no client"),
        pytest.param(docker.client("/usr/bin/docker", "28.2.2"), OK, "28.2.2", id="a client"),
        pytest.param(docker.daemon("26.1.5", "context"), OK, "26.1.5 (context)", id="an engine"),
        pytest.param(docker.no_daemon("none runs", "x", can_fix=True), FAIL, "none runs", id="no engine"),
        pytest.param(docker.permission(True, "", ""), OK, "may use", id="permission"),
        pytest.param(docker.permission(False, "may not open it", "x"), FAIL, "may not", id="no permission"),
        pytest.param(docker.permission(False, "", ""), WARN, "not known", id="permission cannot be known"),
        pytest.param(docker.buildkit("26.1.5"), OK, "26.1.5", id="BuildKit"),
        pytest.param(docker.buildkit(""), WARN, "not known", id="BuildKit cannot be known"),
        pytest.param(docker.plugin("buildx", "0.13.1+ds1", (0, 13)), OK, "0.13.1+ds1", id="a new enough plugin"),
        pytest.param(docker.plugin("buildx", "v0.12.9", (0, 13)), FAIL, "too old", id="a plugin too old"),
        pytest.param(docker.plugin("compose", "2.9.0", (2, 20)), FAIL, "too old", id="numbers, not text: 9 < 20"),
        pytest.param(docker.plugin("compose", "", (2, 20)), FAIL, "not installed", id="no plugin"),
        pytest.param(docker.plugin("compose", "dev", (2, 20)), OK, "dev", id="a plugin built from source"),
        pytest.param(docker.store("docker", "overlay2"), OK, "overlay2", id="overlay2"),
        pytest.param(docker.store("docker", "vfs"), WARN, "copies", id="a store that copies"),
        pytest.param(docker.plugin("buildx", None, (0, 13), seconds=1.5), WARN, "within 1.5 s", id="a plugin too late"),
        pytest.param(
            docker.plugin("buildx", "", (0, 13), there="/p"), FAIL, "cannot run it", id="a plugin that breaks"
        ),
        pytest.param(docker.plugin("buildx", "0.9", (0, 13), own="/u"), FAIL, "before all others", id="the user's own"),
        pytest.param(docker.store("", ""), WARN, "not known", id="the store cannot be known"),
        pytest.param(docker.unnamed("docker"), OK, "none is chosen", id="the engine's own builder"),
        pytest.param(docker.unnamed("remote"), OK, "current one of buildx, remote", id="what buildx use chose"),
        pytest.param(docker.unnamed(""), FAIL, "does not answer", id="what buildx use chose is gone"),
        pytest.param(docker.builder(FAR, ("inline",)), OK, "BuildKit v0.13.1; exports caches inline", id="a builder"),
        pytest.param(docker.builder(replace(FAR, buildkit=""), ()), OK, "unknown version", id="one that does not tell"),
        pytest.param(docker.builder(replace(FAR, buildkit="v0.9.3"), ()), FAIL, "too old", id="an old builder"),
        pytest.param(docker.builder(replace(FAR, runs=False), ()), WARN, "a build starts it", id="a stopped builder"),
        pytest.param(docker.no_builder("no answer", "x"), FAIL, "no answer", id="a builder that is gone"),
        pytest.param(client.variable(None), OK, "not set", id="DOCKER_BUILDKIT unset"),
        pytest.param(client.variable("1"), OK, "1", id="DOCKER_BUILDKIT on"),
        pytest.param(client.variable("0"), WARN, "without BuildKit", id="DOCKER_BUILDKIT off"),
        pytest.param(settings.compose_file(["a", "b"], "", ""), OK, "a, b", id="a compose file"),
        pytest.param(settings.compose_file((), "", "", dockerfiles=1), OK, "none", id="a Dockerfile alone"),
        pytest.param(settings.compose_file((), "", "", dockerfiles=0), WARN, "nothing is built", id="nothing to build"),
        pytest.param(settings.compose_file((), "line 3", "x"), FAIL, "line 3", id="a broken compose file"),
        pytest.param(network.ports([(5001, "api", None)]), OK, "5001 api", id="a free port"),
        pytest.param(network.ports([(1, "a", None), (2, "b", "nginx (process 7)")]), FAIL, "nginx", id="a held port"),
        pytest.param(network.ports([]), OK, "none", id="no port"),
        pytest.param(network.registry("", ""), OK, "none is needed", id="no registry needed"),
        pytest.param(network.registry("a:1", ""), OK, "answers", id="a registry answers"),
        pytest.param(network.registry("a:1", "no such host"), WARN, "stand-ins", id="a silent registry, a stand-in"),
        pytest.param(network.registry("a:1", "no such host", replaceable=False), FAIL, "no stand-in", id="nor that"),
        pytest.param(network.project("", "/own", []), OK, "none", id="no project"),
        pytest.param(network.project("app", "/own", [("app-1", "/own")]), OK, "alone", id="containers of our own"),
        pytest.param(network.project("app", "/own", [("app-1", "/b")]), FAIL, "/b, with app-1", id="another folder's"),
        pytest.param(network.project("app", "/own", [("app-1", "/b")], ["/b"]), WARN, "gone", id="a folder that moved"),
        pytest.param(machine.clock(1000, 900, None), OK, "plausible", id="a clock that fits"),
        pytest.param(machine.clock(1000, 900, 1), OK, "engine", id="a clock that fits the engine's"),
        pytest.param(machine.clock(1000, 2000, None), FAIL, "behind", id="a clock in the past"),
        pytest.param(machine.clock(1000, 900, 100), WARN, "behind the engine's", id="an engine ahead"),
        pytest.param(machine.clock(1000, 900, -100), WARN, "ahead of the engine's", id="an engine behind"),
        pytest.param(machine.python("3.11.7", own=True), OK, "environment", id="python of its own"),
        pytest.param(machine.python("3.11.7", own=False), OK, "3.11.7", id="python of the system"),
        pytest.param(machine.node(""), OK, "brings its own", id="no node"),
        pytest.param(machine.node("v18.1.0"), OK, "too old", id="an old node"),
        pytest.param(machine.node("v22.20.0"), OK, "v22.20.0", id="node"),
        pytest.param(machine.git("", repository=False), WARN, "not installed", id="no git"),
        pytest.param(machine.git("2.39", repository=False), WARN, "no repository", id="no repository"),
        pytest.param(
            machine.git("2.39", repository=False, refused="dubious ownership", root="/r"),
            WARN,
            "dubious",
            id="not ours",
        ),
        pytest.param(machine.git("2.39", repository=True), OK, "2.39", id="git"),
    ],
)
def test_a_verdict_follows_from_what_was_seen(verdict: Verdict, state: State, words: str) -> None:
    assert verdict.state is state
    assert words in verdict.seen
    assert verdict.remedy or state is not FAIL


@pytest.mark.parametrize(
    ("text", "state", "words"),
    [
        pytest.param(None, OK, "none", id="no file"),
        pytest.param("{}", OK, "valid", id="empty settings"),
        pytest.param('{"auths": {}, "features": {"buildkit": "true"}}', OK, "valid", id="BuildKit on"),
        pytest.param('{\n "auths": {,', FAIL, "/c/config.json:2:12", id="broken JSON, with line and column"),
        pytest.param("[]", FAIL, "not a JSON object", id="no object"),
        pytest.param('{"features": []}', FAIL, "no object", id="features is no object"),
        pytest.param('{"features": {"buildkit": "false"}}', WARN, "without BuildKit", id="BuildKit off"),
        pytest.param('{"features": {"buildkit": true}}', WARN, "ignores the whole file", id="the client wants text"),
        pytest.param("", OK, "valid", id="an empty file, which the client takes"),
        pytest.param('{"credsStore": ["here"]}', FAIL, "no text", id="a helper that is no text"),
        pytest.param('{"proxies": "none"}', FAIL, "no object", id="proxies that are no object"),
        pytest.param('{"a":' * 100_000 + "1", FAIL, "nested too deeply", id="nested beyond all reason"),
        pytest.param('{"credsStore": "here"}', OK, "valid", id="a helper that is there"),
        pytest.param('{"credsStore": "gone"}', FAIL, "docker-credential-gone", id="a helper that is missing"),
        pytest.param('{"credHelpers": {"r.example": "gone"}}', WARN, "r.example", id="a helper for one registry"),
    ],
)
def test_the_client_settings_are_judged(text: str | None, state: State, words: str) -> None:
    verdict = client.settings("/c/config.json", text, helpers("docker-credential-here"))
    assert verdict.state is state
    assert words in verdict.seen


@pytest.mark.parametrize("before", ['{"features": {"buildkit": false}}', '{"features": {"buildkit": "0"}}'])
def test_switching_buildkit_on_satisfies_the_check_and_keeps_the_rest(before: str) -> None:
    document = {**json.loads(before), "auths": {"r.example": {}}}
    after = client.with_buildkit(json.dumps(document))
    assert client.settings("c", after, helpers()).state is OK
    assert json.loads(after)["auths"] == {"r.example": {}}


@pytest.mark.parametrize(
    ("example", "text", "state", "words"),
    [
        pytest.param(GOOD, None, OK, "defaults apply", id="no .env, every name has a default"),
        pytest.param("TOKEN=\n", None, WARN, "must set TOKEN", id="no .env, a name without default"),
        pytest.param(GOOD, "A=9\n", OK, "1 set, 1 left at the default", id="some set"),
        pytest.param(GOOD, GOOD, OK, "2 set", id="all set"),
        pytest.param("TOKEN=\nA=1\n", "A=2\n", WARN, "does not set TOKEN", id="a needed name missing"),
        pytest.param(GOOD, "A=1\nthis is bad\n", FAIL, "line 2", id="a bad line"),
        pytest.param("BACKEND_PORT=1\n", "BACKEND_PROT=1\n", WARN, "BACKEND_PROT", id="a name misspelt"),
        pytest.param(None, "A=1\n", OK, "1 set", id="no example to compare with"),
        pytest.param(GOOD, "# A=1\n\nexport B='x y'\n", OK, "1 set", id="comments and export"),
    ],
)
def test_dotenv_is_held_against_its_example(example: str | None, text: str | None, state: State, words: str) -> None:
    verdict = settings.dotenv(example, text)
    assert verdict.state is state
    assert words in verdict.seen


def test_a_misspelt_name_gets_a_guess() -> None:
    assert settings.dotenv("BACKEND_PORT=1\n", "BACKEND_PROT=1\n").remedy == "did you mean BACKEND_PORT?"


def test_bases_are_present_stand_ins_or_missing() -> None:
    here = ["python:3.12-slim", "drydock-standin/node:20-alpine"]
    verdict = network.bases(["python:3.12-slim", "node:20-alpine", "redis"], here)
    assert (verdict.state, verdict.can_fix) == (WARN, True)
    assert verdict.seen == "python:3.12-slim present, node:20-alpine stand-in, redis missing"
    assert network.missing(["redis"], ["redis:latest"]) == ()


def test_bases_cannot_be_known_without_an_engine() -> None:
    assert network.bases(["a:1"], None).state is WARN
    assert network.bases([], None).state is OK


def test_what_follows_from_another_failure_is_told_as_not_known_behind_it() -> None:
    seen = [
        ok("client", "fine"),
        fail("config.json", "broken", "mend it"),
        fail("engine", "broken settings", "mend it", rests=("client", "config.json")),
        unknown("store", "engine"),
        warn("git", "none"),
    ]
    told = order.told(order.settled(seen))
    assert [(one.check, one.follows) for one in told] == [
        ("config.json", ""),
        ("git", ""),
        ("engine", "config.json"),
        ("store", "config.json"),
        ("client", ""),
    ]
    assert report(*told).text().splitlines()[-1] == "1 ok, 1 to look at, 1 to mend, 2 not known"


def test_what_rests_on_a_check_that_is_well_keeps_its_own_failure() -> None:
    seen = [ok("disk", "room"), fail("engine", "stopped", "start it", rests=("disk",))]
    assert order.settled(seen)[1].state is FAIL


def report(*verdicts: Verdict) -> doctor.Report:
    return doctor.Report(verdicts)


def test_warnings_do_not_fail_and_failures_give_3() -> None:
    assert report(ok("a", "fine"), warn("b", "meh")).code == 0
    assert report(ok("a", "fine"), Verdict("b", FAIL, "broken", "mend it")).code == 3


def test_the_text_names_the_remedy_under_what_needs_one_and_only_there() -> None:
    lines = report(Verdict("a", OK, "fine", "unused"), Verdict("longer", FAIL, "broken", "mend it", True)).text()
    assert lines.splitlines() == [
        "ok    a       fine",
        "fail  longer  broken",
        "              remedy: mend it",
        "",
        "1 ok, 0 to look at, 1 to mend; inv doctor --fix mends what it can",
    ]


def test_the_document_holds_every_verdict() -> None:
    document = report(Verdict("a", WARN, "seen", "remedy", True)).document()
    assert document == {
        "code": 0,
        "checks": [
            {"check": "a", "state": "warn", "seen": "seen", "remedy": "remedy", "can_fix": True, "follows": None}
        ],
    }
    assert json.loads(json.dumps(document)) == document


def known(value: T) -> Future[T]:
    """An answer that is there already."""
    answer: Future[T] = Future()
    answer.set_result(value)
    return answer


def facts(settings: config.Config) -> Facts:
    problem = NoEngine(Cause.DAEMON, "no Docker engine runs", remedy="inv doctor --fix")
    return Facts(
        config=settings,
        factor=1.0,
        without=settings.environ,
        finding=known((None, problem)),
        choosing=known(Chosen()),
        modelling=known(({}, None)),
        building=known(((), None)),
        listing=known(()),
        telling=known(({}, 0.0)),
        opening=known(()),
        reaching=known(((), ())),
    )


@pytest.fixture
def repository(tmp_path: Path, docker: Any) -> config.Config:
    """A repository with nothing in it, a fake docker, and a home of its own."""
    root = tmp_path / "repository"
    root.mkdir()
    environ = {**docker.environ, "DRYDOCK_HOME": str(tmp_path / "home"), "DOCKER_HOST": f"unix://{tmp_path}/none.sock"}
    return config.load(root, environ)


def test_a_check_that_breaks_takes_no_other_down(repository: config.Config) -> None:
    def breaks(_: Facts) -> Verdict:
        raise ZeroDivisionError("by zero")

    verdict = doctor.judge(facts(repository), "disk", breaks)
    assert (verdict.check, verdict.state) == ("disk", FAIL)
    assert "ZeroDivisionError: by zero" in verdict.seen


def test_without_an_engine_every_check_still_has_a_verdict(repository: config.Config, docker: Any) -> None:
    docker.says("--version", out="Docker version 28.2.2, build abc\n")
    docker.says("buildx", "version", out="github.com/docker/buildx v0.17.1 257815a\n")
    docker.says("compose", "version", "--short", out="2.29.0\n")
    found = {verdict.check: verdict for verdict in doctor.look(repository).verdicts}
    assert found["engine"].state is FAIL
    assert {name for name, verdict in found.items() if verdict.state is FAIL} == {"engine"}
    assert found["client"].seen == "docker 28.2.2"
    assert found["buildx"].seen == "0.17.1"
    assert found["compose"].seen == "2.29.0"


def test_without_a_compose_model_nothing_is_said_of_bases_and_registry(repository: config.Config) -> None:
    blind = replace(facts(repository), modelling=known(({}, Misuse("line 3 is wrong", remedy="mend it"))))
    for look in (looking_repository.look_bases, looking_repository.look_registry, looking_repository.look_ports):
        assert look(blind).follows == "compose file"


def test_a_broken_dotenv_is_the_doctors_to_name(tmp_path: Path, docker: Any) -> None:
    (tmp_path / ".env").write_text("A=1\nno assignment\n")
    lenient = config.load(tmp_path, docker.environ, lenient=True)
    (verdict,) = [one for one in doctor.look(lenient).verdicts if one.check == ".env"]
    assert (verdict.state, verdict.seen) == (FAIL, "line 2 is no assignment")


def test_fixing_copies_the_example_and_switches_buildkit_on(repository: config.Config, tmp_path: Path) -> None:
    folder = tmp_path / "docker-config"
    folder.mkdir()
    (folder / "config.json").write_text('{"features": {"buildkit": "false"}}')
    (repository.root / ".env.example").write_text("TOKEN=\n")
    own = config.load(repository.root, {**repository.environ, "DOCKER_CONFIG": str(folder)})
    remedies.apply(own, [warn(".env", "", can_fix=True), warn(client.CONFIG, "", can_fix=True)], silent)
    assert (repository.root / ".env").read_text() == "TOKEN=\n"
    assert json.loads((folder / "config.json").read_text()) == {"features": {"buildkit": "true"}}


def test_a_file_that_is_not_there_has_no_text(tmp_path: Path) -> None:
    assert survey.text(tmp_path / "none") is None


def test_the_ledger_keeps_the_last_verdicts_where_there_is_one_and_no_login(
    repository: config.Config, docker: Any
) -> None:
    docker.says("--version", out="Docker version 28.2.2, build abc\n")
    docker.says("buildx", code=1)
    docker.says("compose", code=1)
    hosted = config.load(repository.root, {**docker.environ, "DOCKER_HOST": "tcp://app:planted@nowhere.invalid:1"})
    doctor.run(hosted, fix=False, tell=silent)
    assert not hosted.state.exists()
    hosted.state.mkdir()
    report = doctor.run(hosted, fix=False, tell=silent)
    kept = reports.get(hosted, Kind.DOCTOR)
    assert kept is not None
    assert (kept.body["code"], len(kept.body["checks"])) == (3, len(report.verdicts))
    assert "planted" in json.dumps(report.document())
    assert "planted" not in json.dumps(kept.body)
