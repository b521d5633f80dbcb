"""A fake docker on PATH, and a home of its own for every unit test."""

import json
import os
import signal
import socketserver
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

ON_THE_ENGINE = {Path(__file__).parent / name for name in ("engine", "browser")}

START = """#!/bin/sh
exec "{python}" -IS "$0.py" "$@"
"""  # a first line of its own could not name a Python in a folder with spaces

SCRIPT = """import json, os, shutil, sys
folder = os.path.dirname(os.path.abspath(__file__))
words = sys.argv[1:]
with open(os.path.join(folder, "calls"), "a") as calls:
    calls.write(json.dumps(words) + "\\n")
with open(os.path.join(folder, "answers")) as file:
    answers = [json.loads(line) for line in file]
fitting = [a for a in answers if words[: len(a["words"])] == a["words"]]
if not fitting:
    sys.exit(f"the fake {os.path.basename(__file__)} has no answer for {words}")
answer = max(reversed(fitting), key=lambda a: len(a["words"]))
into = answer["into"]
if into is not None:
    open(words[into] if isinstance(into, int) else words[words.index(into) + 1], "w").write("made")
for path in answer["files"]:
    shutil.copy(path, ".")
sys.stdout.write(answer["out"])
sys.stdout.flush()
sys.stderr.write(answer["err"])
if answer["code"] < 0:
    os.kill(os.getpid(), -answer["code"])
sys.exit(answer["code"])
"""


def pytest_configure() -> None:
    """Where the tests are started changes nothing for what they start: neither a workflow nor a shell's background.

    A workflow asks for colour and annotations; what runs in the background of a shell is started deaf to Ctrl-C, and
    behind nohup to the end of its terminal.
    """
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
    for name in [*os.environ]:
        if name.startswith("GITHUB_") or name in ("CI", "NO_COLOR", "FORCE_COLOR"):
            del os.environ[name]


@dataclass(frozen=True)
class FakeProgram:
    """A program that answers by its words: the longest beginning that fits wins, the latest of equals."""

    folder: Path

    def says(
        self,
        *words: str,
        out: str = "",
        err: str = "",
        code: int = 0,
        into: str | int | None = None,
        files: Sequence[Path] = (),
    ) -> None:
        """From now on, the program called with `words` prints `out` and `err` and ends with `code`.

        It writes a file where the word behind `into` says, or the word at that place; `files` are copied to where it
        is called.
        """
        answer = {"words": words, "out": out, "err": err, "code": code, "into": into, "files": list(map(str, files))}
        with (self.folder / "answers").open("a") as file:
            file.write(json.dumps(answer) + "\n")

    @property
    def calls(self) -> list[list[str]]:
        """The words of every call so far, in order."""
        return [json.loads(line) for line in (self.folder / "calls").read_text().splitlines()]

    @property
    def environ(self) -> Mapping[str, str]:
        """An environment in which this is the program that is found."""
        return {**os.environ, "PATH": f"{self.folder}{os.pathsep}{os.environ['PATH']}"}


FakeDocker = FakeProgram
Fake = Callable[[str], FakeProgram]


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fake:
    """Makes a fake program of the given name, first on PATH."""

    def make(name: str) -> FakeProgram:
        folder = tmp_path / f"fake-{name}"
        folder.mkdir()
        (folder / "answers").touch()
        (folder / "calls").touch()
        program = folder / name
        program.write_text(START.format(python=sys.executable))
        program.with_name(f"{name}.py").write_text(SCRIPT)
        program.chmod(0o755)
        made = FakeProgram(folder)
        monkeypatch.setenv("PATH", made.environ["PATH"])
        return made

    return make


@pytest.fixture
def docker(fake: Fake) -> FakeProgram:
    """The fake docker, first on PATH."""
    return fake("docker")


class Ping(socketserver.StreamRequestHandler):
    """Answers as an engine does when it is asked whether it is there."""

    def handle(self) -> None:
        while self.rfile.readline().strip():
            pass
        self.wfile.write(b"HTTP/1.0 200 OK\r\n\r\nOK")


@pytest.fixture
def listen() -> Iterator[Callable[[Path], str]]:
    """Starts something that answers like an engine on a unix socket, and gives its address."""
    servers: list[socketserver.ThreadingUnixStreamServer] = []

    def start(path: Path) -> str:
        path.parent.mkdir(parents=True, exist_ok=True)
        servers.append(socketserver.ThreadingUnixStreamServer(str(path), Ping))
        threading.Thread(target=servers[-1].serve_forever, args=(0.01,), daemon=True).start()
        return f"unix://{path}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def short() -> Iterator[Path]:
    """A folder whose path is short enough for a unix socket."""
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder)


@pytest.fixture(autouse=True)
def a_home_of_its_own(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No unit test sees or touches the user's own home, engine or settings; those on the real engine do."""
    if ON_THE_ENGINE.isdisjoint(request.path.parents):
        monkeypatch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        monkeypatch.setenv("USERPROFILE", os.environ["HOME"])
        for name in [*os.environ]:
            if name.startswith(("DRYDOCK_", "DOCKER_", "XDG_", "INVOKE_", "NOX_")):
                monkeypatch.delenv(name)
