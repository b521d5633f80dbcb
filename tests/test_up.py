"""Starting the services, judged against a fake docker."""

import hashlib
import json
import socket
import stat
import sys
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from drydock import command, config
from drydock.commands import doctor, up
from drydock.config import Config, Image
from drydock.engines.engine import Engine, Origin
from drydock.errors import Failed, Misuse, NotReady
from drydock.events import Event, Note, Phase, silent
from drydock.measures import evidence, reports
from drydock.measures.reports import Kind
from drydock.services import compose, startup, workspace
from drydock.services.containers import Container, Port

COMPOSE = """\
name: p
services:
  web:
    image: web
    ports: ["127.0.0.1:${WEB_PORT:-PORT}:80"]
"""


@pytest.fixture
def repository(tmp_path: Path, docker: Any) -> Config:
    """A repository with one service."""
    root = tmp_path / "repository"
    root.mkdir()
    (root / "compose.yml").write_text(COMPOSE)
    return config.load(root, {**docker.environ, "DRYDOCK_HOME": str(tmp_path / "home")})


@pytest.fixture
def engine(repository: Config, tmp_path: Path) -> Engine:
    """An engine nobody asks but the fake docker."""
    host = f"unix://{tmp_path}/none.sock"
    return Engine(
        host, Origin.DEFAULT, "26.1", "1.45", True, "0.13", "2.26", "overlay2", "docker", (), repository.environ
    )


@pytest.fixture
def compose_says(docker: Any, repository: Config) -> Callable[..., None]:
    """From now on `docker compose words…` answers this."""

    def says(*words: str, **answer: Any) -> None:
        docker.says(*compose.argv(repository, *words)[1:], **answer)

    return says


def row(service: str, **words: Any) -> str:
    """One line of `docker compose ps`."""
    return json.dumps(
        {"Service": service, "Name": f"p-{service}-1", "State": "running", "Health": "", "ExitCode": 0, **words}
    )


def follow(repository: Config, engine: Engine, tell: Callable[[Event], None] = silent) -> tuple[Container, ...]:
    argv = compose.argv(repository, "up", "--detach")
    return startup.follow(repository, engine, argv, timeout=5, tell=tell)


def test_healthy_services_and_finished_one_shots_are_up(
    repository: Config, engine: Engine, compose_says: Callable[..., None]
) -> None:
    compose_says("up")
    compose_says("ps", out=f"{row('web', Health='healthy')}\n{row('migrate', State='exited')}\n")
    seen = follow(repository, engine)
    assert [(one.service, one.words) for one in seen] == [("migrate", "done"), ("web", "healthy")]


def test_a_failed_service_is_told_with_its_last_lines_and_its_last_check(
    repository: Config, engine: Engine, docker: Any, compose_says: Callable[..., None]
) -> None:
    told: list[Event] = []
    compose_says("up")
    compose_says("ps", out=row("web", Health="unhealthy"))
    compose_says("--ansi", "never", "logs", out="listening\nout of \x1b[31mluck\n")
    docker.says("inspect", out='1 "refused"\n1 "no answer"\n\n')
    with pytest.raises(Failed, match="web is unhealthy") as failure:
        follow(repository, engine, told.append)
    assert failure.value.remedy == "inv logs --service web"
    (story,) = [event.text for event in told if isinstance(event, Note)]
    assert story.splitlines() == [
        "web is unhealthy; its last lines:",
        "  | listening",
        "  | out of luck",
        '  last health check: exit code 1 "no answer"',
    ]


def test_a_one_shot_that_ends_badly_is_a_failure_with_its_code(
    repository: Config, engine: Engine, docker: Any, compose_says: Callable[..., None]
) -> None:
    compose_says("up")
    compose_says("ps", out=row("migrate", State="exited", ExitCode=3))
    compose_says("--ansi", "never", "logs")
    docker.says("inspect", out="\n")
    with pytest.raises(Failed, match="migrate exited with 3"):
        follow(repository, engine)


def test_what_compose_says_when_it_gives_up_is_passed_on(
    repository: Config, engine: Engine, compose_says: Callable[..., None]
) -> None:
    compose_says("up", err="Creating\nno such image: web\n", code=1)
    compose_says("ps", out="")
    with pytest.raises(Failed, match="no such image: web"):
        follow(repository, engine)


def test_a_service_that_is_not_healthy_in_time_is_named(
    repository: Config, engine: Engine, docker: Any, compose_says: Callable[..., None]
) -> None:
    compose_says("up")
    compose_says("ps", out=row("web", Health="starting"))
    compose_says("--ansi", "never", "logs", out="still thinking\n")
    docker.says("inspect", out="\n")
    with pytest.raises(Failed, match=r"after 0.2 s web is starting") as failure:
        startup.follow(repository, engine, compose.argv(repository, "up"), timeout=0.2, tell=silent)
    assert "--timeout" in failure.value.remedy


def test_each_change_is_told_once(repository: Config, engine: Engine, compose_says: Callable[..., None]) -> None:
    told: list[Event] = []
    compose_says("up")
    compose_says("ps", out=row("web"))
    follow(repository, engine, told.append)
    assert [event.detail for event in told if isinstance(event, Phase)] == ["web running", "web running"]
    assert [event.seconds is None for event in told if isinstance(event, Phase)] == [True, False]


def test_an_engine_that_is_gone_is_no_fault_of_the_services(
    repository: Config, engine: Engine, compose_says: Callable[..., None]
) -> None:
    compose_says("ps", err="Cannot connect\n", code=1)
    with pytest.raises(NotReady, match="the engine is gone"):
        startup.status(repository, engine)


def test_the_report_shows_addresses_and_gives_them_as_a_document() -> None:
    port = Port("web", "127.0.0.1", 5001, 5000)
    other = Port("db", "127.0.0.1", 5432, 5432)
    seen = (
        Container("db", "p-db-1", "running", "", 0, (other,)),
        Container("web", "w", "running", "healthy", 0, (port,)),
    )
    report = up.Report("p", seen, frozenset({port}))
    assert report.text().splitlines() == [
        "service  state    address",
        "db       running  localhost:5432",
        "web      healthy  http://localhost:5001",
    ]
    assert report.document()["services"][1] == {
        "service": "web",
        "container": "w",
        "state": "running",
        "health": "healthy",
        "code": None,
        "addresses": ["http://localhost:5001"],
    }
    assert report.code == 0


def test_no_service_at_all_says_how_to_start_them() -> None:
    assert "inv up" in up.Report("p", ()).text()


def test_dev_without_a_development_file_is_wrong_use(repository: Config) -> None:
    with pytest.raises(Misuse, match=r"compose\.dev\.yml does not exist"):
        up.run(repository, dev=True, build=False, timeout=1, tell=silent)


def test_the_variable_that_moves_a_held_port_is_named(
    repository: Config, engine: Engine, docker: Any, tmp_path: Path
) -> None:
    docker.says("ps")
    with socket.create_server(("127.0.0.1", 0)) as server:
        number = server.getsockname()[1]
        (repository.root / "compose.yml").write_text(COMPOSE.replace("PORT}", f"{number}}}"))
        ports = [{"published": str(number), "host_ip": "127.0.0.1", "target": 80, "protocol": "tcp"}]
        with pytest.raises(NotReady, match=f"port {number}, wanted by web, is held by") as problem:
            up.require_ports(repository, engine, {"name": "p", "services": {"web": {"ports": ports}}})
    assert "WEB_PORT=" in problem.value.remedy


def test_images_that_were_not_built_are_named(engine: Engine, docker: Any) -> None:
    docker.says("image", "inspect", code=1)
    with pytest.raises(NotReady, match="p-web"):
        up.require_images(engine, {"name": "p", "services": {"web": {"build": {}}}})


def image(folder: Path) -> Image:
    folder.mkdir(exist_ok=True)
    (folder / "Dockerfile").write_text("FROM scratch\n")
    return Image("web", folder, folder / "Dockerfile", "web")


def test_the_key_follows_lock_file_and_dockerfile_and_nothing_else(tmp_path: Path) -> None:
    web = image(tmp_path / "web")
    lock = tmp_path / "web" / "package-lock.json"
    lock.write_text("1")
    first = workspace.lock_key([web])
    (tmp_path / "web" / "source.js").write_text("edited")
    assert workspace.lock_key([web]) == first
    lock.write_text("2")
    second = workspace.lock_key([web])
    (tmp_path / "web" / "Dockerfile").write_text("FROM other\n")
    assert len({first, second, workspace.lock_key([web])}) == 3


def test_old_volumes_go_and_current_ones_and_those_without_a_key_stay(engine: Engine, docker: Any) -> None:
    docker.says("volume", "ls", out="p_old\taaa\np_now\tbbb\np_data\t\n")
    docker.says("volume", "rm")
    current = workspace.with_key(engine, "bbb")
    workspace.forget_old(current, "p")
    assert docker.calls[-1] == ["volume", "rm", "p_old"]
    workspace.forget_all(current, "p")
    assert docker.calls[-1] == ["volume", "rm", "p_old", "p_now", "p_data"]


def test_the_state_folder_is_made_readable_for_the_user_of_a_service(repository: Config) -> None:
    repository.state.mkdir(mode=0o700)
    workspace.prepare(repository, {"name": "p", "services": {}})
    assert stat.S_IMODE(repository.state.stat().st_mode) == 0o755


def test_folders_for_volumes_in_the_workspace_are_made_and_others_left_to_docker(repository: Config) -> None:
    inside = [
        {"type": "bind", "source": str(repository.root), "target": "/srv"},
        {"type": "volume", "source": "modules", "target": "/srv/node_modules"},
    ]
    outside = [
        {"type": "bind", "source": str(repository.root.parent / "elsewhere"), "target": "/srv"},
        {"type": "volume", "source": "modules", "target": "/srv/node_modules"},
    ]
    services = {"a": {"volumes": inside}, "b": {"volumes": outside}}
    workspace.prepare(repository, {"name": "p", "services": services})
    assert (repository.root / "node_modules").is_dir()
    assert not (repository.root.parent / "elsewhere").exists()


def test_a_dry_run_makes_nothing(repository: Config) -> None:
    with command.dry_run(True):
        workspace.prepare(repository, {"name": "p", "services": {}})
    assert not repository.state.exists()


@pytest.fixture
def running(repository: Config, docker: Any, listen: Callable[[Path], str], short: Path) -> Config:
    """The repository, with an engine that answers and knows one service."""
    version = {"Client": {"Version": "28.0"}, "Server": {"Version": "26.1", "ApiVersion": "1.45"}}
    plugins = [{"Name": "buildx", "Version": "0.13.1"}, {"Name": "compose", "Version": "2.26.1"}]
    docker.says("version", out=json.dumps(version))
    docker.says("info", out=json.dumps({"Driver": "overlay2", "ClientInfo": {"Plugins": plugins}}))
    docker.says("buildx", "inspect", out="Driver: docker\n")
    docker.says(*compose.argv(repository, "config")[1:], out=json.dumps({"name": "p", "services": {"web": {}}}))
    host = listen(short / "docker.sock")
    return config.load(repository.root, {**repository.environ, "DOCKER_HOST": host})


def calls(docker: Any, repository: Config) -> list[list[str]]:
    """The words of each compose call, without the files."""
    before = len(compose.argv(repository)) - 1
    return [words[before:] for words in docker.calls if words[0] == "compose"]


def test_services_are_built_where_they_start(repository: Config, tmp_path: Path) -> None:
    meta = tmp_path / "contexts" / "meta" / hashlib.sha256(b"away").hexdigest() / "meta.json"
    meta.parent.mkdir(parents=True)
    meta.write_text(json.dumps({"Endpoints": {"docker": {"Host": "tcp://build.invalid:2376"}}}))
    environ = {**repository.environ, "DOCKER_CONFIG": str(tmp_path)}
    told: list[Event] = []
    for name, chosen in (("", ""), ("farm", ""), ("away", "default")):
        given = replace(repository, environ=environ, settings={"builder": name})
        assert up.builder(given, told.append) == chosen
    assert len(told) == 1


def test_up_without_a_build_starts_what_is_there(
    running: Config, docker: Any, compose_says: Callable[..., None]
) -> None:
    compose_says("up")
    compose_says("ps", out=row("web", Health="healthy"))
    report = up.run(running, dev=False, build=False, timeout=5, tell=silent)
    assert [one.service for one in report.containers] == ["web"]
    assert ["up", "--detach", "--no-build", "--remove-orphans"] in calls(docker, running)
    assert running.state.is_dir()


def test_while_services_start_the_repository_is_audited_and_its_captures_are_taken_in(
    running: Config, compose_says: Callable[..., None]
) -> None:
    (running.root / "Dockerfile").write_text("FROM python\n")
    capture = {"schema": 1, "kind": "scenarios", "date": "2026-01-01T00:00:00+00:00"}
    evidence.save(running.root, "before-after", capture)
    compose_says("up")
    compose_says("ps", out=row("web", Health="healthy"))
    up.run(running, dev=False, build=False, timeout=5, tell=silent)
    assert set(reports.dates(running)) == {("audit", ""), ("scenarios", "before-after")}
    kept = reports.get(running, Kind.AUDIT)
    assert kept is not None
    assert "base-not-pinned" in {one["code"] for one in kept.body["findings"]}


def test_an_audit_that_cannot_be_made_or_kept_fails_no_start(
    running: Config, compose_says: Callable[..., None]
) -> None:
    told = list[Event]()
    running.state.mkdir()
    running.ledger.write_text("no ledger at all, and long enough to be told from one")
    compose_says("up")
    compose_says("ps", out=row("web", Health="healthy"))
    report = up.run(running, dev=False, build=False, timeout=5, tell=told.append)
    assert report.code == 0
    warnings = [event.text for event in told if isinstance(event, Note) and event.warning]
    assert [text.split(":")[0] for text in warnings] == [
        "the report audit is not recorded",
        "captures are not taken into the ledger",
        "the images are not taken apart",
    ]


def test_a_dry_up_shows_the_command_and_runs_it_not(
    running: Config, docker: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    with command.dry_run(True):
        report = up.run(running, dev=False, build=False, timeout=5, tell=silent)
    assert report.containers == ()
    assert "up --detach --no-build" in capsys.readouterr().err
    assert not any("up" in words for words in calls(docker, running))


def test_ps_shows_the_services_as_they_are(running: Config, compose_says: Callable[..., None]) -> None:
    compose_says("ps", out=row("web", State="exited", ExitCode=2))
    assert up.ps(running).document()["services"][0]["code"] == 2


def test_restart_names_only_the_services_asked_for(
    running: Config, docker: Any, compose_says: Callable[..., None]
) -> None:
    compose_says("ps", out=row("web", Health="healthy"))
    compose_says("restart")
    assert up.restart(running, services=["web"], tell=silent) == 0
    assert ["restart", "web"] in calls(docker, running)
    with pytest.raises(Misuse, match="no service is called wob: there is web"):
        up.restart(running, services=["wob"], tell=silent)


def test_there_is_nothing_to_restart_before_up(running: Config, compose_says: Callable[..., None]) -> None:
    compose_says("ps")
    with pytest.raises(NotReady) as problem:
        up.restart(running, services=[], tell=silent)
    assert problem.value.remedy == "inv up"


def test_down_takes_the_volumes_of_the_project_only_when_asked(
    running: Config, docker: Any, compose_says: Callable[..., None]
) -> None:
    compose_says("down")
    docker.says("volume", "ls", out="p_modules\tabc\n")
    docker.says("volume", "rm")
    assert up.down(running, volumes=False, tell=silent) == 0
    assert not any(words[0] == "volume" for words in docker.calls)
    assert up.down(running, volumes=True, tell=silent) == 0
    assert docker.calls[-1] == ["volume", "rm", "p_modules"]


def test_a_down_that_fails_says_what_compose_says(running: Config, compose_says: Callable[..., None]) -> None:
    compose_says("down", err="network p_default has active endpoints\n", code=1)
    with pytest.raises(Failed, match="active endpoints"):
        up.down(running, volumes=False, tell=silent)


def test_logs_go_to_the_users_own_terminal(
    running: Config,
    compose_says: Callable[..., None],
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    compose_says("logs", "--tail", "7", "--follow", "web", out="\x1b[31mhello\n")
    assert up.logs(running, services=["web"], follow=True, lines=7, show=lambda _: False) == 0
    assert capfd.readouterr().out == "\x1b[31mhello\n"


@dataclass
class Reader:
    """Somebody who reads so many lines."""

    wants: int
    seen: list[str] = field(default_factory=list)

    def show(self, line: str) -> bool:
        self.seen.append(line)
        return len(self.seen) < self.wants


def test_logs_that_go_elsewhere_are_plain(running: Config, compose_says: Callable[..., None]) -> None:
    compose_says("--ansi", "never", "logs", "--tail", "7", out="\x1b[2Kweb-1  | \x1b[31mred\x1b[0m\n\x1b[2Kweb-1  | \n")
    reader = Reader(wants=9)
    assert up.logs(running, services=[], follow=False, lines=7, show=reader.show) == 0
    assert reader.seen == ["web-1  | red\n", "web-1  | \n"]
    with pytest.raises(Failed, match="ended with 1"):
        up.logs(running, services=[], follow=False, lines=1, show=lambda _: True)


def test_logs_end_when_their_reader_has_read_enough(running: Config, compose_says: Callable[..., None]) -> None:
    compose_says("--ansi", "never", "logs", "--tail", "7", "--follow", out="one\ntwo\n", code=1)
    reader = Reader(wants=1)
    assert up.logs(running, services=[], follow=True, lines=7, show=reader.show) == 0
    assert reader.seen == ["one\n"]


def test_the_shell_needs_to_know_which_service_if_several_run(
    running: Config, compose_says: Callable[..., None]
) -> None:
    compose_says("ps", out=f"{row('db')}\n{row('web')}\n")
    with pytest.raises(Misuse) as problem:
        up.shell(running, service="")
    assert problem.value.remedy == "inv shell --service db"


def test_there_is_no_shell_in_a_service_that_does_not_run(running: Config, compose_says: Callable[..., None]) -> None:
    compose_says("ps", out=row("web", State="exited"))
    with pytest.raises(NotReady, match="web does not run"):
        up.shell(running, service="web")


def test_fixing_leaves_what_it_may_not_mend_to_be_seen(repository: Config, docker: Any) -> None:
    told: list[Event] = []
    refused = config.load(repository.root, {**repository.environ, "DOCKER_HOST": "unix:///nowhere/docker.sock"})
    for words in (("--version",), ("buildx", "version"), ("compose",), ("image",)):
        docker.says(*words, code=1)
    report = doctor.run(refused, fix=True, tell=told.append)
    assert report.code == 3
    assert {verdict.check for verdict in report.verdicts if verdict.can_fix} >= {"buildx", "compose"}
    assert told, "what could not be mended is told"
