"""A machine as the doctor finds it: a repository, an environment and an engine of which something may be wrong."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.engine.faults.certificates import Authority
from tests.repositories import PROJECT

PYTHON = sys.executable
CEILING = 60.0  # seconds after which a doctor is given up
IS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
# Of what a terminal obeys, only the end of a line may come out.
OBEYED = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@dataclass
class Machine:
    """Where one doctor looks: all of it may be changed, none of it is shared but the engine.

    `before` are shell lines that run first, in a mount namespace of the doctor's own if `apart`; `manner` are words
    put before its command line, such as those that make it an ordinary user's.
    """

    folder: Path
    root: Path
    environ: dict[str, str]
    socket: str
    image: str
    authorities: tuple[Authority, Authority]
    before: list[str] = field(default_factory=list)
    manner: tuple[str, ...] = ()
    apart: bool = False

    @property
    def settings(self) -> Path:
        """Docker's config.json."""
        return Path(self.environ["DOCKER_CONFIG"]) / "config.json"

    def write(self, path: str, text: str | bytes) -> Path:
        """A file of the repository."""
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text.encode() if isinstance(text, str) else text)
        return place

    def docker(self, *words: str) -> str:
        """What `docker words…` prints on the engine, whatever is wrong with the machine."""
        environ = {**os.environ, "DOCKER_HOST": self.socket}
        argv = ["docker", *words]
        return subprocess.run(argv, env=environ, capture_output=True, text=True, check=True, timeout=60).stdout

    def doctor(self, *words: str, first: str = "") -> "Examined":
        """`drydock doctor words…` as a user starts it, after the shell lines `first`."""
        argv = [*self.manner, PYTHON, "-m", "drydock", "doctor", *words, "--root", str(self.root)]
        lines = [*self.before, *([f"{{ {first}; }} >/dev/null"] if first else [])]
        if lines:
            argv = ["sh", "-c", "\n".join(["set -e", *lines, 'exec "$@"']), "sh", *argv]
        if self.apart:
            argv = ["unshare", "--mount", "--propagation=private", *argv]
        began = time.monotonic()
        ended = subprocess.run(
            argv,
            env=self.environ,
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=CEILING,
            check=False,
        )
        seconds = time.monotonic() - began
        return Examined(ended.returncode, ended.stdout.decode(), ended.stderr.decode(), seconds)


@dataclass(frozen=True)
class Examined:
    """What a doctor said."""

    code: int
    out: str
    err: str
    seconds: float

    @property
    def checks(self) -> list[dict[str, Any]]:
        """The verdicts as told with --json."""
        try:
            document = json.loads(self.out)
        except ValueError:
            raise AssertionError(f"no document but: {self.out[-2000:]}{self.err[-2000:]}") from None
        assert document["code"] == self.code
        found: list[dict[str, Any]] = document["checks"]
        return found

    def check(self, name: str) -> dict[str, Any]:
        """The verdict of one check."""
        return next(one for one in self.checks if one["check"] == name)

    @property
    def summary(self) -> str:
        """What is not well, in a line each."""
        odd = [one for one in self.checks if one["state"] != "ok"]
        return "\n".join(
            [f"{one['state']} {one['check']}: {one['seen']} ({one['remedy']})" for one in odd] + [self.err]
        )

    @property
    def first(self) -> dict[str, Any]:
        """What a user reads first."""
        return self.checks[0]

    @property
    def failing(self) -> list[str]:
        """The checks that fail of themselves."""
        return [one["check"] for one in self.checks if one["state"] == "fail"]

    @property
    def troubled(self) -> list[str]:
        """The checks that are not well, whatever that follows from."""
        return [one["check"] for one in self.checks if one["state"] != "ok"]


Injection = Callable[[Machine], AbstractContextManager[None]]


@dataclass(frozen=True)
class Fault:
    """Something wrong with a machine, how it is brought about, and what the doctor has to say of it first.

    `seen` and `remedy` are patterns of its words. `mended` says how the test goes on: "remedy" runs the first command
    of the remedy, "fix" lets `doctor --fix` do it; "" leaves it, where the remedy is advice.
    """

    name: str
    inject: Injection
    check: str
    seen: str
    remedy: str
    state: str = "fail"
    mended: str = ""
    root: bool = False

    @property
    def code(self) -> int:
        return 3 if self.state == "fail" else 0


def command_of(remedy: str, root: Path) -> str:
    """The first command of a remedy, as a shell takes it; tasks as the command of this very Drydock, on `root`."""
    command = re.split(r", (?:or|and|then|once) |; ", remedy)[0]
    return re.sub(r"\binv (\w+)", rf"{PYTHON} -m drydock \1 --root {root}", command)


def environment(folder: Path, given: Mapping[str, str], socket: str) -> dict[str, str]:
    """The environment of a machine with nothing wrong: only the programs and the engine are those of this one."""
    kept = {name: value for name, value in given.items() if name in ("PATH", "LANG", "SYSTEMROOT")}
    for name in ("home", "settings", "state"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    own = {
        "HOME": str(folder / "home"),
        "DOCKER_CONFIG": str(folder / "settings"),
        "DRYDOCK_HOME": str(folder / "state"),
        "DOCKER_HOST": socket,
        "PIP_CONFIG_FILE": os.devnull,
        "PYTHONPATH": str(PROJECT),
        "NO_COLOR": "1",
    }
    return {**kept, **own}
