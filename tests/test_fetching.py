"""Getting an engine onto a machine, and starting one: what is run, written down, and said when it fails."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from drydock import command, config
from drydock.bases import debian, standins
from drydock.bases.recipes import Recipe
from drydock.config import Config
from drydock.engines import bridge, daemon, endpoint, install, leftovers, packages, place, processes, provision
from drydock.engines.missing import Cause, NoEngine
from drydock.errors import NotReady
from drydock.events import Event, Phase, silent

RELEASE = 'ID=debian\nVERSION_ID="13"\nVERSION_CODENAME=trixie\n'
BOOKWORM = 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n'
SOURCES = "Types: deb\nURIs: mirror://somewhere\nSuites: bookworm bookworm-updates\nComponents: main\n"
DEBIAN = Recipe("debian:trixie-slim", "debian", "", False, "trixie", ())
MISSING = NoEngine(Cause.CLIENT, "docker is not installed", remedy="inv doctor --fix")


@pytest.fixture
def machine(tmp_path: Path, fake: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch) -> Config:
    """An ordinary user of a Debian with sudo, nothing of docker, and nothing else on the PATH."""
    monkeypatch.setattr(endpoint, "DEFAULT_SOCKET", f"unix://{tmp_path}/none.sock")
    monkeypatch.setattr(place, "user", lambda: 1000)
    monkeypatch.setattr(place, "SBIN", str(tmp_path))
    monkeypatch.setattr(packages, "OS_RELEASE", tmp_path / "os-release")
    monkeypatch.setattr(packages, "APT", tmp_path / "apt")
    monkeypatch.setattr(packages, "SYSTEMD", tmp_path / "systemd")
    monkeypatch.setattr(install, "SOURCE_FILE", str(tmp_path / "apt" / "added.sources"))
    monkeypatch.setattr(install, "PIN_FILE", str(tmp_path / "apt" / "added.pin"))
    (tmp_path / "os-release").write_text(RELEASE)
    sudo, dpkg = fake("sudo"), fake("dpkg-query")
    sudo.says()
    dpkg.says(out="installed bash\nconfig-files old\n")
    path = os.pathsep.join([str(sudo.folder), str(dpkg.folder)])
    return config.load(tmp_path, {"PATH": path, "DRYDOCK_HOME": str(tmp_path / "h"), "USER": "ada"}, yes=True)


def asked(tmp_path: Path) -> list[list[str]]:
    """What sudo was asked to run, without its own flags."""
    import json

    lines = (tmp_path / "fake-sudo" / "calls").read_text().splitlines()
    return [json.loads(line)[2:] for line in lines if json.loads(line)[:2] == ["-n", "--"]]


def with_programs(machine: Config, *programs: Any) -> Config:
    path = os.pathsep.join([*(str(program.folder) for program in programs), machine.environ["PATH"]])
    return replace(machine, environ={**machine.environ, "PATH": path})


def test_packages_come_from_the_machines_own_archives_and_are_written_down(machine: Config, tmp_path: Path) -> None:
    told: list[Event] = []
    (tmp_path / "fake-dpkg-query" / "answers").write_text("")
    program = tmp_path / "fake-dpkg-query" / "dpkg-query"
    program.write_text(
        f'#!/bin/sh\necho "installed bash"; [ -s {tmp_path}/fake-sudo/calls ] && echo "installed tini"\n:\n'
    )
    provision.fetch(machine, MISSING, told.append)
    runs = [words[:2] for words in asked(tmp_path)]
    assert runs == [["apt-get", "update"], ["apt-get", "install"], ["apt-get", "install"]]
    assert packages.added(machine) == packages.Added((), ("tini",))
    assert [event.name for event in told if isinstance(event, Phase)] == [
        "lists",
        "lists",
        "download",
        "download",
        "packages",
        "packages",
    ]


def test_on_debian_12_source_and_pin_are_written_and_can_be_taken_back(machine: Config, tmp_path: Path) -> None:
    (tmp_path / "os-release").write_text(BOOKWORM)
    (tmp_path / "apt" / "sources.list.d").mkdir(parents=True)
    (tmp_path / "apt" / "sources.list.d" / "debian.sources").write_text(SOURCES)
    provision.fetch(machine, MISSING, silent)
    written = [words[1] for words in asked(tmp_path) if words[0] == "tee"]
    assert packages.added(machine).files == tuple(written)
    assert len(written) == 2
    packages.take_back(machine, silent)
    assert [words[-1] for words in asked(tmp_path) if words[0] == "rm"] == written
    assert packages.added(machine) == packages.Added()


def test_packages_that_were_added_are_purged(machine: Config, fake: Any, tmp_path: Path) -> None:
    apt = fake("apt-get")
    apt.says("purge", "--simulate", out="Purg bash [5.2]\n")
    record = place.of(machine).folder / "installed.json"
    record.parent.mkdir(parents=True)
    record.write_text('{"files": [], "packages": ["bash", "gone"]}')
    packages.take_back(with_programs(machine, apt), silent)
    assert [words[-1] for words in asked(tmp_path)] == ["bash"]
    assert not record.exists()


def test_packages_on_which_others_rest_by_now_stay(machine: Config, fake: Any, tmp_path: Path) -> None:
    apt = fake("apt-get")
    apt.says("purge", "--simulate", out="Purg bash [5.2]\nRemv wanted [1.0]\n")
    record = place.of(machine).folder / "installed.json"
    record.parent.mkdir(parents=True)
    record.write_text('{"files": [], "packages": ["bash"]}')
    with pytest.raises(NotReady, match="wanted came later and would go along"):
        packages.take_back(with_programs(machine, apt), silent)
    assert asked(tmp_path) == []
    assert record.exists()


def test_packages_that_will_not_go_are_told(machine: Config, fake: Any, tmp_path: Path) -> None:
    record = place.of(machine).folder / "installed.json"
    record.parent.mkdir(parents=True)
    record.write_text('{"files": [], "packages": ["bash"]}')
    (tmp_path / "fake-sudo" / "answers").write_text(
        '{"words": [], "out": "", "err": "E: dpkg is locked\\n", "code": 100, "into": null, "files": []}\n'
    )
    apt = fake("apt-get")
    apt.says("purge", "--simulate")
    with pytest.raises(NotReady, match="packages stay: E: dpkg is locked"):
        packages.take_back(with_programs(machine, apt), silent)
    assert record.exists()


def test_without_consent_the_commands_are_the_remedy(machine: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NoEngine) as raised:
        provision.fetch(replace(machine, yes=False), MISSING, silent)
    assert "apt-get install" in raised.value.remedy
    assert raised.value.message == "docker is not installed"


def test_without_sudo_it_has_to_be_done_by_hand(machine: Config, tmp_path: Path) -> None:
    bare = replace(machine, environ={**machine.environ, "PATH": str(tmp_path / "fake-dpkg-query")})
    with pytest.raises(NoEngine, match="sudo does not let this user") as raised:
        provision.fetch(bare, MISSING, silent)
    assert "apt-get install" in raised.value.remedy
    with pytest.raises(NoEngine, match="starting needs root"):
        provision.allow(bare, "starting", silent)


def test_another_distribution_gets_its_commands(machine: Config, tmp_path: Path) -> None:
    (tmp_path / "os-release").write_text("ID=fedora\n")
    with pytest.raises(NoEngine) as raised:
        provision.fetch(machine, MISSING, silent)
    assert "dnf install" in raised.value.remedy


def test_a_step_that_fails_is_told_with_its_command(machine: Config, tmp_path: Path) -> None:
    (tmp_path / "fake-sudo" / "answers").write_text(
        '{"words": ["-n", "true"], "out": "", "err": "", "code": 0, "into": null, "files": []}\n'
        '{"words": ["-n", "--"], "out": "", "err": "E: no network\\n", "code": 100, "into": null, "files": []}\n'
    )
    with pytest.raises(NoEngine, match="apt-get install: E: no network") as raised:
        provision.fetch(machine, MISSING, silent)
    assert raised.value.remedy.startswith("apt-get install")


def test_a_dry_run_writes_and_runs_nothing(machine: Config, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "os-release").write_text(BOOKWORM)
    (tmp_path / "apt").mkdir()
    (tmp_path / "apt" / "sources.list").write_text("deb mirror://somewhere bookworm main\n")
    with command.dry_run(True):
        provision.fetch(machine, MISSING, silent)
    shown = capsys.readouterr().err
    assert "added.sources" in shown
    assert "apt-get install" in shown
    assert asked(tmp_path) == []
    assert not packages.added(machine).files


def test_where_services_are_managed_the_machines_own_engine_is_started(machine: Config, tmp_path: Path) -> None:
    (tmp_path / "systemd").mkdir()
    provision.start(machine, silent)
    assert asked(tmp_path) == [["systemctl", "start", "docker"]]


def test_what_is_missing_is_installed_and_an_engine_that_then_answers_is_taken(
    machine: Config, tmp_path: Path, listen: Callable[[Path], str], short: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(endpoint, "DEFAULT_SOCKET", listen(short / "default.sock"))
    provision.mend(machine, MISSING, silent)
    assert [words[0] for words in asked(tmp_path)] == ["apt-get"] * 3


def test_an_engine_that_does_not_start_leaves_its_last_words(
    machine: Config, fake: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(place, "user", lambda: 0)
    dockerd = fake("dockerd")
    dockerd.says(err="failed to start daemon: no space left\n", code=1)
    ready = with_programs(machine, dockerd, fake("docker"))
    stopped = NoEngine(Cause.STOPPED, "the private engine is stopped", remedy="inv engine --start")
    with pytest.raises(NoEngine, match=r"does not start: .*no space left") as raised:
        provision.mend(ready, stopped, silent)
    assert str(place.of(ready).log) in raised.value.remedy
    (words,) = dockerd.calls
    assert f"--data-root={place.of(ready).data}" in words


def test_a_dry_start_shows_the_engine_and_starts_none(
    machine: Config, fake: Callable[[str], Any], capsys: pytest.CaptureFixture[str]
) -> None:
    dockerd = fake("dockerd")
    with command.dry_run(True):
        daemon.start(with_programs(machine, dockerd), silent)
        assert daemon.stop(machine, silent) is False
    assert "$ dockerd --config-file=" in capsys.readouterr().err
    assert dockerd.calls == []


def test_without_dockerd_there_is_nothing_to_start(machine: Config) -> None:
    with pytest.raises(NoEngine, match="dockerd is not installed"):
        daemon.start(machine, silent)


def test_a_long_log_is_put_aside(machine: Config, fake: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place, "user", lambda: 0)
    monkeypatch.setattr(daemon, "LOG_LIMIT", 3)
    dockerd = fake("dockerd")
    dockerd.says(code=1)
    log = place.of(machine).log
    log.parent.mkdir(parents=True)
    log.write_text("long ago\n")
    with pytest.raises(NoEngine):
        daemon.start(with_programs(machine, dockerd), silent)
    assert log.with_suffix(".log.1").read_text() == "long ago\n"


def test_a_home_that_cannot_be_made_is_named(machine: Config, fake: Callable[[str], Any], tmp_path: Path) -> None:
    (tmp_path / "h").touch()
    with pytest.raises(NoEngine, match="cannot be made") as raised:
        daemon.start(with_programs(machine, fake("dockerd")), silent)
    assert "DRYDOCK_HOME" in raised.value.remedy


def test_a_bridge_is_made_once_and_taken_away_with_its_rules(
    machine: Config, fake: Callable[[str], Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bridge, "INTERFACES", tmp_path / "net")
    ip, iptables = fake("ip"), fake("iptables")
    ip.says()
    iptables.says(out="-P INPUT ACCEPT\n-A FORWARD -i own -j ACCEPT\n-A FORWARD -i other -j ACCEPT\n")
    env = with_programs(machine, ip, iptables).environ
    assert bridge.raise_up("own", (), env)
    assert [words[:2] for words in ip.calls] == [["link", "add"], ["addr", "add"], ["link", "set"]]
    (tmp_path / "net" / "own").mkdir(parents=True)
    assert bridge.raise_up("own", (), env)
    assert len(ip.calls) == 4
    bridge.remove("own", (), env)
    assert ["link", "del", "own"] in ip.calls
    deleted = [words[3:] for words in iptables.calls if "-D" in words]
    assert deleted == [["-D", "FORWARD", "-i", "own", "-j", "ACCEPT"]] * 2
    assert not bridge.raise_up("own", (), {"PATH": ""})


def test_processes_are_found_by_a_word_and_ended_with_what_they_started(tmp_path: Path) -> None:
    word = str(tmp_path / "exec")
    argv = ["sh", "-c", 'sh -c "echo ready; read _"; true', word]  # the inner one is past its exec when it speaks
    with command.start(argv, env=os.environ, stdin=command.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        # what the shell starts is a shell too, until it has become another program
        assert processes.mentioning(word)[child.pid] == "sh"
        everything = processes.with_descendants([child.pid])
        assert child.pid in everything
        assert len(everything) == 2
        processes.end(everything, 5, (), os.environ)
        child.wait(5)
        assert processes.mentioning(word) == {}
    assert processes.wait([child.pid], 0) == set()


def test_a_shell_that_only_speaks_of_the_engine_is_none_of_its_processes(tmp_path: Path) -> None:
    script = f"echo ready; read _ # {tmp_path}/exec"
    with command.start(["sh", "-c", script], env=os.environ, stdin=command.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"ready\n"
        assert processes.mentioning(str(tmp_path / "exec")) == {}


def test_data_below_which_something_is_mounted_is_not_removed(machine: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    here = place.of(machine)
    here.data.mkdir(parents=True)
    table = machine.root / "mountinfo"
    table.write_text(f"1 2 0:1 / {here.data}/volumes/mine/_data rw - ext4 /dev/x rw\n")
    monkeypatch.setattr(leftovers, "MOUNTS", table)
    with pytest.raises(NotReady, match="still mounted") as raised:
        leftovers.remove_data(here, place.environ(machine))
    assert raised.value.remedy == f"umount {here.data}/volumes/mine/_data"
    assert here.data.is_dir()


def test_what_a_killed_engine_left_is_cleared_away(machine: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    here = place.of(machine)
    (here.exec / "containerd").mkdir(parents=True)
    left = [here.socket, here.pidfile, here.exec / "containerd" / "containerd.pid"]
    for path in left:
        path.touch()
    argv = ["sh", "-c", "echo ready; read _", str(here.exec)]
    with command.start(argv, env=os.environ, stdin=command.PIPE) as orphan:
        assert orphan.stdout is not None
        assert orphan.stdout.readline() == b"ready\n"
        leftovers.clear(here, machine.environ, containers=True)
        assert orphan.wait(5) != 0
    assert not any(path.exists() for path in left)
    monkeypatch.setattr(place, "user", lambda: 0)
    here.data.mkdir(parents=True)
    leftovers.remove_data(here, machine.environ)
    assert not here.data.exists()


def test_what_making_a_stand_in_takes_is_installed_like_an_engine(machine: Config, tmp_path: Path) -> None:
    standins.equip(machine, [DEBIAN], silent)
    installed = [words for words in asked(tmp_path) if words[:2] == ["apt-get", "install"]]
    assert [words[-1] for words in installed] == ["--download-only", "mmdebstrap"]


def test_without_consent_no_tool_is_installed_and_the_remedy_is_told(machine: Config, tmp_path: Path) -> None:
    with pytest.raises(NotReady, match="need mmdebstrap") as raised:
        standins.equip(replace(machine, yes=False), [DEBIAN], silent)
    assert raised.value.remedy.startswith("sudo apt-get update")
    assert raised.value.remedy.endswith("mmdebstrap")
    assert asked(tmp_path) == []


def test_where_no_package_can_be_had_the_tool_is_named(machine: Config, tmp_path: Path) -> None:
    (tmp_path / "os-release").write_text("ID=fedora\n")
    with pytest.raises(NotReady) as raised:
        standins.equip(machine, [DEBIAN], silent)
    assert raised.value.remedy == "install mmdebstrap, or make a registry reachable"


@pytest.mark.parametrize("kept", [f"{DEBIAN.key}.tar", debian.root_name(DEBIAN.suite, DEBIAN.packages)])
def test_a_stand_in_that_is_kept_takes_no_tool(machine: Config, kept: str) -> None:
    (machine.home / "bases").mkdir(parents=True)
    (machine.home / "bases" / kept).touch()
    standins.equip(replace(machine, yes=False), [DEBIAN], silent)
