"""macOS and Windows, as far as Linux can stand in for them: their paths, and what their Python does not have."""

import io
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path, PureWindowsPath
from types import SimpleNamespace
from typing import Any, cast

import pytest

from drydock import config, files
from drydock.builds import buildx, running
from drydock.causes import hashes
from drydock.config import Image
from drydock.console import Console
from drydock.engines import docker_config, endpoint, knocking, place
from drydock.engines.endpoint import Answer, Origin
from drydock.engines.missing import NoEngine
from drydock.events import silent

ROOT = Path(__file__).parent.parent
# Others' modules come first: they have ways of their own there, which look at the system only once.
BARE = """
import concurrent.futures, http.client, importlib, json, os, pkgutil, platform, signal, socket, sqlite3, subprocess, sys
import colorama, dotenv.main, invoke.program, rich.live, rich.console, tomlkit, yaml
system, root = sys.argv[1:]
LACKS = {
    os: "getuid geteuid getgid getgroups chown fork mkfifo pidfd_open sched_getaffinity statvfs uname WNOHANG getpgid",
    signal: "SIGHUP SIGKILL SIGQUIT pthread_kill", socket: "AF_UNIX",
}
if system == "win32":
    for name in ("fcntl", "grp", "pwd", "pty", "resource", "termios", "tty"):
        sys.modules[name] = None
    for module, names in LACKS.items():
        for name in names.split():
            module.__dict__.pop(name, None)
    msvcrt = sys.modules["msvcrt"] = type(sys)("msvcrt")
    msvcrt.LK_LOCK, msvcrt.LK_NBLCK, msvcrt.locking = 1, 2, lambda number, kind, count: None
else:
    del os.pidfd_open, os.sched_getaffinity
sys.platform, platform.system = system, lambda: {"win32": "Windows", "darwin": "Darwin"}[system]
import drydock
for one in pkgutil.walk_packages(drydock.__path__, "drydock."):
    if one.name != "drydock.__main__":
        importlib.import_module(one.name)
from drydock.engines import endpoint
from drydock.program import program
endpoint.DEFAULT_SOCKET = "unix:///nowhere.sock"
codes = {words: program().code(["drydock", *words.split(), "--root", root]) for words in (
    "audit --select secret-in-build", "docs", "adopt --json", "context --json", "builds", "build", "doctor --json",
    "engine --start", "engine --stop")}
print(json.dumps(codes), file=sys.stderr)
"""


def on(system: str, root: Path) -> tuple[str, dict[str, int]]:
    """What commands say and end with on a system that has neither Docker nor, if it is Windows, what POSIX has."""
    environ = {"PATH": os.environ["PATH"], "HOME": str(root / "home")}
    argv = [sys.executable, "-c", BARE, system, str(root)]
    ran = subprocess.run(argv, cwd=ROOT, env=environ, capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr
    *said, codes = ran.stderr.splitlines()
    return ran.stdout + "\n".join(said), json.loads(codes)


@pytest.mark.parametrize(
    ("system", "remedy"),
    [
        pytest.param("win32", "remedy: start Docker Desktop (winget install", id="Windows"),
        pytest.param("darwin", "or colima start (brew install", id="macOS"),
    ],
)
def test_every_module_and_the_commands_work_without_what_only_linux_has(
    tmp_path: Path, system: str, remedy: str
) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY . .\n")
    said, codes = on(system, tmp_path)
    wanted = dict.fromkeys(("build", "context --json", "doctor --json", "engine --start"), 3)
    assert codes == {words: wanted.get(words, 0) for words in codes}
    assert remedy in said
    assert "apt" not in said
    assert "doctor --fix" not in said


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """The system calls itself Windows; pathlib stays as it is."""
    monkeypatch.setattr(sys, "platform", "win32")


@pytest.mark.usefixtures("windows")
@pytest.mark.parametrize(
    ("environ", "folder"),
    [
        ({"LOCALAPPDATA": "/Users/ann/AppData/Local"}, "/Users/ann/AppData/Local/drydock"),
        ({"LOCALAPPDATA": "/local", "XDG_DATA_HOME": "/chosen"}, "/chosen/drydock"),
        ({"LOCALAPPDATA": "/local", "DRYDOCK_HOME": "/own"}, "/own"),
    ],
)
def test_the_users_state_on_windows_is_local_application_data(environ: dict[str, str], folder: str) -> None:
    assert config.home(environ) == Path(folder)


@pytest.mark.parametrize("system", ["linux", "darwin"])
def test_elsewhere_it_is_where_command_line_tools_keep_it(system: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", system)
    monkeypatch.setenv("HOME", "/home/ann")
    assert config.home({"LOCALAPPDATA": "/local"}) == Path("/home/ann/.local/share/drydock")


@pytest.mark.usefixtures("windows")
def test_docker_for_windows_keeps_its_settings_in_the_users_profile() -> None:
    environ = {"HOME": "/h/ann", "USERPROFILE": "/Users/ann"}
    assert docker_config.settings_folder(environ) == Path("/Users/ann/.docker")


@pytest.mark.parametrize(
    ("address", "path"),
    [
        ("npipe:////./pipe/docker_engine", r"\\.\pipe\docker_engine"),
        ("npipe:////./pipe/dockerDesktopLinuxEngine", r"\\.\pipe\dockerDesktopLinuxEngine"),
    ],
)
def test_a_named_pipe_is_looked_for_in_windows_own_spelling(address: str, path: str) -> None:
    assert knocking.pipe(address) == path
    assert PureWindowsPath(path).drive == "\\\\.\\pipe"


@pytest.mark.parametrize(
    ("code", "answer"), [pytest.param(231, Answer.YES, id="busy"), pytest.param(53, Answer.NO, id="no such path")]
)
def test_a_pipe_that_is_busy_belongs_to_an_engine(code: int, answer: Answer, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Path) -> bool:
        error = OSError()
        error.winerror = code  # type: ignore[attr-defined]
        raise error

    monkeypatch.setattr(Path, "exists", refuse)
    assert endpoint.ping("npipe:////./pipe/docker_engine") is answer


@pytest.mark.usefixtures("windows")
def test_without_unix_sockets_no_engine_is_found_and_nothing_breaks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(socket, "AF_UNIX")
    with pytest.raises(NoEngine, match="no Docker engine runs"):
        endpoint.locate({}, "unix:///private.sock")
    assert endpoint.ask("unix:///private.sock", "/info", seconds=1) is None


@pytest.mark.usefixtures("windows")
def test_the_group_that_may_use_the_engine_has_another_name_on_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    def deny(_: Path) -> bool:
        raise PermissionError

    monkeypatch.setattr(Path, "exists", deny)
    with pytest.raises(NoEngine, match=r"may not open //\./pipe/docker_engine") as caught:
        endpoint.locate({}, "unix:///private.sock")
    assert "docker-users" in caught.value.remedy


def test_docker_desktop_is_found_by_the_users_own_socket_on_macos(
    short: Path, listen: Callable[[Path], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(endpoint, "DEFAULT_SOCKET", f"unix://{short}/var.sock")
    environ = {"HOME": str(short), "DOCKER_CONFIG": str(short / "none")}
    own = short / ".docker" / "run" / "docker.sock"
    own.parent.mkdir(parents=True)
    listen(own)
    found = endpoint.locate(environ, "unix:///private.sock")
    assert (found.host, found.origin) == (f"unix://{own}", Origin.DEFAULT)
    listen(short / "var.sock")
    assert endpoint.locate(environ, "unix:///private.sock").host == f"unix://{short}/var.sock"


def test_a_lock_waits_as_long_as_another_has_it_on_windows_too(
    tmp_path: Path, windows: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[int, int]] = []

    def locking(_: int, kind: int, count: int) -> None:
        told.append((kind, count))
        if len(told) < 3:
            raise OSError("ten tries of a second")

    monkeypatch.setitem(sys.modules, "msvcrt", SimpleNamespace(LK_LOCK=1, LK_NBLCK=2, locking=locking))
    with files.locked(tmp_path / "lock"):
        assert told == [(1, 1)] * 3
    with (tmp_path / "lock").open("a+b") as stream:
        told.clear()
        assert files.lock(stream.fileno(), wait=False) is False
    assert told == [(2, 1)]


@pytest.mark.usefixtures("windows")
def test_on_windows_no_running_build_is_sent_a_ctrl_c(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "kill", lambda *_: pytest.fail("a signal was sent"))
    monkeypatch.setitem(sys.modules, "msvcrt", SimpleNamespace(LK_LOCK=1, LK_NBLCK=2, locking=lambda *_: None))
    monkeypatch.setattr(running, "EACH", 0.02)
    settings = config.load(tmp_path, {})
    other = {"pid": 1, "beat": datetime.now(UTC).isoformat()}
    settings.state.mkdir()
    path = settings.state / running.FILE
    path.write_text(json.dumps({"builds": [other]}))
    with running.shown(settings, ["web"], silent):
        deadline = time.monotonic() + 20
        while len(running.read(path)) < 2:
            assert time.monotonic() < deadline
            time.sleep(0.02)
    assert running.read(path) == [other]


def test_the_key_is_written_as_bytes_where_text_would_be_translated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flags: list[int] = []
    opened = os.open
    monkeypatch.setattr(os, "O_BINARY", 1 << 30, raising=False)

    def note(path: Path, given: int, mode: int) -> int:
        flags.append(given)
        return opened(path, given & ~(1 << 30), mode)

    monkeypatch.setattr(os, "open", note)
    hashes.key(tmp_path / "key")
    assert [bool(one & 1 << 30) for one in flags] == [True]


def test_the_path_is_joined_as_the_system_joins_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "pathsep", ";")
    joined = place.environ(config.load(tmp_path, {"PATH": r"C:\Windows;C:\Docker"}))["PATH"]
    assert joined.startswith(r"C:\Windows;C:\Docker;")


def test_drive_letters_and_backslashes_reach_bake_as_they_are() -> None:
    folder = PureWindowsPath(r"C:\src\shop\backend")
    image = Image("backend", cast(Path, folder), cast(Path, folder / "Dockerfile"), "shop-backend")
    shared = Image(
        **{**vars_of(image), "contexts": {"shared": r"D:\libs"}, "secrets": {"npm": r"src=C:\Users\ann\.npmrc"}}
    )
    options = buildx.Options(secrets={"ca": r"src=C:\certs\Ann, own.pem"}, cache_to=(r"type=local,dest=E:\cache",))
    target = json.loads(json.dumps(buildx.bake([shared], options)))["target"]["backend"]
    assert target["context"] == r"C:\src\shop\backend"
    assert target["dockerfile"] == r"C:\src\shop\backend\Dockerfile"
    assert target["contexts"] == {"shared": r"D:\libs"}
    assert target["secret"] == [r'id=ca,"src=C:\certs\Ann, own.pem"', r"id=npm,src=C:\Users\ann\.npmrc"]
    assert target["cache-to"] == [r"type=local,dest=E:\cache"]


def vars_of(image: Image) -> dict[str, Any]:
    return {name: getattr(image, name) for name in image.__dataclass_fields__}


def test_what_a_code_page_lacks_is_spelt_out(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    pipe = io.TextIOWrapper(raw, encoding="cp1252")
    monkeypatch.setattr(sys, "stdout", pipe)
    Console.of({}).give({}, "café → there")
    Console.of({}, json=True).give({"said": "café → 🚢"}, "")
    text, document = raw.getvalue().decode("cp1252").split("\n", 1)
    assert text == "café \\u2192 there"
    assert json.loads(document) == {"said": "café → 🚢"}
