"""How fast the API answers over a large ledger, and what memory its server takes; asked over HTTP, one after the other.

Run it on a quiet machine, with what backend/requirements-test.txt holds: python bench/api.py --runs 30
"""

import argparse
import http.client
import json
import os
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from drydock import config  # noqa: E402
from drydock.config import Config  # noqa: E402
from drydock.engines import engine  # noqa: E402
from drydock.measures import api_tables, capture, evidence  # noqa: E402
from drydock.text import table  # noqa: E402
from tests import seeding  # noqa: E402

SERVER = [sys.executable, "-m", "flask", "--app", "app", "run"]  # as the image starts it
ALLOWED_SECONDS = 0.05
ALLOWED_BYTES = 150_000_000
WARM_UPS = 3
PATIENCE_SECONDS = 60
LIST = "/api/v1/images"
PAGES = (
    ("every image", LIST),
    ("one image", "/api/v1/images/backend"),
    ("the newest builds", "/api/v1/builds"),
    ("the builds of one image", "/api/v1/builds?image=backend"),
    ("builds of a scenario that was never run", "/api/v1/builds?scenario=never"),
    ("one build", "/api/v1/builds/{last}"),
    ("two builds side by side", "/api/v1/compare?before=1&after={middle}"),
    ("saved scenarios", "/api/v1/scenarios"),
    ("findings", "/api/v1/findings"),
    ("proofs", "/api/v1/proofs"),
    ("the doctor's verdicts", "/api/v1/doctor"),
    ("what runs now", "/api/v1/running"),
    ("health", "/api/health"),
)


@dataclass(frozen=True)
class Answer:
    """Seconds of each time that something was asked, and the bytes of the body; `allowed` limits the median."""

    what: str
    seconds: tuple[float, ...]
    bytes: int
    allowed: float | None = None


@dataclass(frozen=True)
class Server:
    """A running server: where it listens, and its process."""

    port: int
    process: "subprocess.Popen[bytes]"

    def ask(self, path: str, tag: str = "") -> tuple[int, str, int, float]:
        """Status, tag, bytes and seconds of one answer, on a connection of its own, as the server closes each."""
        headers = {"If-None-Match": tag} if tag else {}
        began = time.perf_counter()
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE_SECONDS)) as link:
            link.request("GET", path, headers=headers)
            answer = link.getresponse()
            size = len(answer.read())
        return answer.status, answer.headers["ETag"], size, time.perf_counter() - began

    def peak_bytes(self) -> int:
        """The most memory that its process held so far."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return next(int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmHWM"))


def main(words: Sequence[str] | None = None) -> int:
    """Seed, serve, ask and show; 1 if something takes more than allowed."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--builds", type=int, default=100_000, help="how many builds the ledger holds")
    parser.add_argument("--images", type=int, default=100, help="of how many images (default: 100)")
    parser.add_argument("--runs", type=int, default=30, help="how often each is asked (default: 30)")
    parser.add_argument("--json", action="store_true", help="print the raw figures as one document")
    parser.add_argument("--save", default="", help="write the raw figures to docs/measurements under this name")
    asked = parser.parse_args(words)
    evidence.checked(asked.save or "unnamed")
    with tempfile.TemporaryDirectory(prefix="drydock-bench-") as folder:
        settings = config.load(Path(folder), {})
        seeding.seed(settings, images=asked.images, builds=asked.builds)
        with served(settings.ledger) as server:
            answers = measured(server, settings.ledger, asked.builds, asked.runs)
            peak = server.peak_bytes()
    figures = {
        **{"builds": asked.builds, "images": asked.images, "runs": asked.runs},
        **{"peak_bytes": peak, "allowed_bytes": ALLOWED_BYTES, "answers": [asdict(one) for one in answers]},
    }
    header, rows = api_tables.answers(figures)
    shown = f"{table(header, rows, right=range(1, 5))}\n\n{api_tables.memory(figures)}"
    sys.stdout.write((json.dumps(figures, indent=2) if asked.json else shown) + "\n")
    if asked.save:
        save(config.load(ROOT, os.environ), asked, figures)
    held = all(one.allowed is None or median(one.seconds) <= one.allowed for one in answers)
    return 0 if held and peak <= ALLOWED_BYTES else 1


@contextmanager
def served(ledger: Path) -> Iterator[Server]:
    """A server of its own over a ledger, which ends with the block."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environ = {**os.environ, "DRYDOCK_LEDGER": str(ledger)}
    argv = [*SERVER, "--host", "127.0.0.1", "--port", str(port)]
    quiet = subprocess.DEVNULL
    with subprocess.Popen(argv, cwd=ROOT / "backend", env=environ, stdout=quiet, stderr=quiet) as process:  # noqa: S603
        try:
            server = Server(port, process)
            until = time.monotonic() + PATIENCE_SECONDS
            while not listens(port):
                if process.poll() is not None or time.monotonic() > until:
                    raise SystemExit("the server does not start: pip install -r backend/requirements-test.txt")
                time.sleep(0.05)
            yield server
        finally:
            process.terminate()


def listens(port: int) -> bool:
    """Whether something listens on a port of loopback."""
    with socket.socket() as link:
        return link.connect_ex(("127.0.0.1", port)) == 0


def measured(server: Server, ledger: Path, builds: int, runs: int) -> list[Answer]:
    """Each page asked again and again; the list of images also when it is known already, and after each change."""
    found = []
    for what, page in PAGES:
        path = page.format(last=builds, middle=builds // 2)
        allowed = ALLOWED_SECONDS if path == LIST else None
        found.append(times(what, partial(server.ask, path), runs, allowed=allowed))
    tag = server.ask(LIST)[1]
    found.append(times("every image, known already", partial(server.ask, LIST, tag), runs, status=304))
    with closing(sqlite3.connect(ledger)) as base:

        def changed() -> tuple[int, str, int, float]:
            base.execute("UPDATE builds SET seconds = seconds + 0.001 WHERE id = 1")
            base.commit()
            return server.ask(LIST)

        found.append(times("every image, after each change of the ledger", changed, runs))
    return found


def times(
    what: str,
    ask: Callable[[], tuple[int, str, int, float]],
    runs: int,
    *,
    status: int = 200,
    allowed: float | None = None,
) -> Answer:
    """What asking took, without the first times."""
    seconds, size = list[float](), 0
    for number in range(runs + WARM_UPS):
        got, _, size, took = ask()
        if got != status:
            raise SystemExit(f"{what}: {got} instead of {status}")
        if number >= WARM_UPS:
            seconds.append(round(took, 5))
    return Answer(what, tuple(seconds), size, allowed)


def save(settings: Config, asked: argparse.Namespace, figures: dict[str, object]) -> None:
    """Write the raw figures as a capture, with what they rest on."""
    sizes = f"--builds {asked.builds} --images {asked.images}"
    line = f"python bench/api.py {sizes} --runs {asked.runs} --save {asked.save}"
    head = capture.header(settings, engine.find(settings), kind="api", command=line, bases=[])
    evidence.save(ROOT, asked.save, {**head, **figures})


if __name__ == "__main__":
    sys.exit(main())
