"""What an installation writes down and says, consent, and `inv engine` without an engine."""

import hashlib
import io
import json
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from drydock import config, consent, events
from drydock.commands import engine as command
from drydock.config import Config
from drydock.engines import contexts, endpoint, install, packages, place
from drydock.errors import Misuse, NotReady

APT = """\
Reading package lists...
Need to get 72.4 MB of archives.
After this operation, 1,399 kB of additional disk space will be used.
"""


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Config:
    """A machine without docker, and with an empty PATH."""
    monkeypatch.setattr(endpoint, "DEFAULT_SOCKET", f"unix://{tmp_path}/none.sock")
    monkeypatch.setattr(place, "SBIN", str(tmp_path))
    return config.load(tmp_path, {"PATH": str(tmp_path), "DRYDOCK_HOME": str(tmp_path / "h")})


class Terminal(io.StringIO):
    """Somebody who sits at a terminal and types."""

    def isatty(self) -> bool:
        return True


def typing(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(sys, "stdin", Terminal(text))


@pytest.mark.parametrize(
    ("typed", "agreed"), [("y\n", True), ("Yes\n", True), ("\n", False), ("no\n", False), ("", False)]
)
def test_on_a_terminal_the_user_is_asked(
    bare: Config, monkeypatch: pytest.MonkeyPatch, typed: str, agreed: bool
) -> None:
    told: list[object] = []
    typing(monkeypatch, typed)
    assert consent.ask(bare, "Install it?", told.append) is agreed
    assert told == [events.Note("Install it? [y/N]")]


def test_nobody_is_asked_without_a_terminal_or_in_ci(bare: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("y\n"))
    assert not consent.ask(bare, "Install it?", events.silent)
    typing(monkeypatch, "y\n")
    assert not consent.ask(replace(bare, environ={"CI": "true"}), "Install it?", events.silent)


def test_consent_given_beforehand_asks_nobody(bare: Config) -> None:
    told: list[object] = []
    assert consent.ask(replace(bare, yes=True), "Install it?", told.append)
    assert told == []


def test_apt_says_what_a_step_fetches_and_what_it_takes() -> None:
    download = install.Run(("apt-get", "install", "--download-only"), "download", "")
    unpack = install.Run(("apt-get", "install"), "packages", "")
    assert packages.weight(download, APT) == 72_400_000
    assert packages.weight(unpack, APT) == 1_399_000
    assert packages.weight(unpack, "nothing to do") is None


def test_what_was_added_is_read_back_and_a_broken_record_counts_as_none(bare: Config) -> None:
    record = place.of(bare).folder / "installed.json"
    record.parent.mkdir(parents=True)
    record.write_text(json.dumps({"files": ["/etc/a"], "packages": ["tini"]}))
    assert packages.added(bare) == packages.Added(("/etc/a",), ("tini",))
    record.write_text("{")
    assert packages.added(bare) == packages.Added()


def test_without_an_engine_the_report_says_so_with_the_remedy_and_exit_code_3(bare: Config) -> None:
    report = command.run(bare, tell=events.silent)
    assert report.code == 3
    assert report.text().splitlines() == ["no Docker engine runs on this machine", "remedy: inv doctor --fix"]
    assert "host" not in report.document()


def test_one_thing_at_a_time(bare: Config) -> None:
    with pytest.raises(Misuse, match="exclude each other"):
        command.run(bare, start=True, stop=True, tell=events.silent)


def test_stopping_what_does_not_run_is_no_failure(bare: Config) -> None:
    report = command.run(bare, stop=True, tell=events.silent)
    assert (report.code, report.text()) == (0, "the private engine does not run")


def test_without_consent_nothing_is_removed(bare: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    data = place.of(bare).data
    data.mkdir(parents=True)
    monkeypatch.setattr(sys, "stdin", io.StringIO())
    with pytest.raises(NotReady, match="nothing was removed") as caught:
        command.run(bare, purge=True, tell=events.silent)
    assert caught.value.remedy == "inv engine --purge --yes"
    assert data.is_dir()


USE, HERE = "docker context use drydock", 'in this shell: eval "$(inv engine --env)"'


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        pytest.param({}, f"{USE}, or {HERE}", id="docker goes elsewhere"),
        pytest.param({"DOCKER_CONTEXT": "drydock"}, "", id="by the context"),
        pytest.param({"DOCKER_HOST": "unix:///h/engine/docker.sock"}, "", id="by the address"),
        pytest.param({"DRYDOCK_HOME": "/other"}, HERE, id="the context is another engine's"),
    ],
)
def test_how_plain_docker_reaches_the_private_engine_is_told_as_long_as_it_does_not(
    tmp_path: Path, environ: dict[str, str], told: str
) -> None:
    meta = tmp_path / "contexts" / "meta" / hashlib.sha256(b"drydock").hexdigest() / "meta.json"
    meta.parent.mkdir(parents=True)
    meta.write_text('{"Endpoints": {"docker": {"Host": "unix:///h/engine/docker.sock"}}}')
    mine = {"DOCKER_CONFIG": str(tmp_path), "DRYDOCK_HOME": "/h", **environ}
    assert contexts.way(config.load(tmp_path, mine)) == told
