"""What the tests look at: the services, the ledger in front of the API, and the pages there are."""

import shutil
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Error, Page, Request

from drydock import command, config
from drydock.config import Config
from drydock.measures import ledger
from drydock.measures.build import Build
from tests import seeding
from tests.repositories import Repository

IMAGES, BUILDS = 4, 300
FAILED = 298  # the last build of the second image
FIRST, LAST = 1, 297  # builds of the first image
PAGES = {
    "overview": "/",
    "image": "/images/backend",
    "builds": "/builds",
    "build": f"/builds/{FAILED}",
    "compare": f"/compare?before={FIRST}&after={LAST}",
    "scenarios": "/scenarios",
    "audit": "/audit",
}

LOADED = "() => !/^Loading /m.test(document.body.innerText)"
CUT = "net::ERR_NETWORK_CHANGED"
ATTEMPTS = 20
SECONDS = 20  # how long something may take to show on a machine that is busy


def visit(page: Page, path: str) -> None:
    """Go to a page, and wait until its figures are there, or the reason why they are not.

    Chromium cuts off what is under way when a network interface comes or goes, as with any container of this machine;
    a page that lost a part of itself that way is asked for again, as its reader would.
    """
    cut = list[str]()

    def note(request: Request) -> None:
        if request.failure == CUT and "/api/" not in request.url:
            cut.append(request.url)

    page.on("requestfailed", note)
    for _ in range(ATTEMPTS):
        cut.clear()
        try:
            page.goto(path)
        except Error:
            if not cut:
                raise
        if _loads(page, cut):
            break
    page.remove_listener("requestfailed", note)
    assert not cut, f"{path} was cut off {ATTEMPTS} times"


def _loads(page: Page, cut: Sequence[str]) -> bool:
    """Whether the page is whole in time; a part that was cut off is noticed within a second."""
    until = time.monotonic() + SECONDS
    while not cut:
        try:
            page.wait_for_function(LOADED, timeout=1000)
            return not cut
        except Error:
            assert time.monotonic() < until, f"{page.url} is still loading after {SECONDS} s"
    return False


@dataclass(frozen=True)
class Ledgers:
    """Ledgers below a folder, each made when it is first asked for."""

    folder: Path

    def seeded(self, images: int = IMAGES, builds: int = BUILDS) -> Path:
        """Builds of several images, with reports of every kind."""
        path = self.folder / f"{images}-{builds}.db"
        if not path.exists():
            settings = self._settings(path.stem)
            seeding.seed(settings, images=images, builds=builds)
            shutil.copyfile(settings.ledger, path)
        return path

    def empty(self) -> Path:
        """A ledger in which nothing is recorded."""
        settings = self._settings("empty")
        ledger.append(settings, ())
        return settings.ledger

    def unreported(self) -> Path:
        """Builds, and no report: nobody audited, looked at the machine, timed or proved."""
        path = self.folder / "unreported.db"
        shutil.copyfile(self.seeded(), path)
        with closing(sqlite3.connect(path)) as base, base:
            base.execute("DELETE FROM reports")
        return path

    def _settings(self, name: str) -> Config:
        root = self.folder / name
        root.mkdir(exist_ok=True)
        return config.load(root, {"DRYDOCK_HOME": str(root / "home")})


@dataclass
class Site:
    """Both services: `address` is that of the pages. `shown` is the ledger the API reads; None once it was changed."""

    clone: Repository
    settings: Config
    ledgers: Ledgers
    shown: Path | None = field(default=None, init=False)
    is_away: bool = field(default=False, init=False)

    @property
    def address(self) -> str:
        return f"http://localhost:{self.clone.port('FRONTEND_PORT')}"

    @property
    def api(self) -> str:
        return f"http://localhost:{self.clone.port('BACKEND_PORT')}"

    def show(self, path: Path) -> None:
        """Put a ledger in front of the API, in one move."""
        if self.shown != path:
            fresh = self.settings.ledger.with_suffix(".new")
            shutil.copyfile(path, fresh)
            fresh.chmod(0o644)
            fresh.replace(self.settings.ledger)
            self.shown = path

    def hide(self) -> None:
        """Leave the API a folder without a ledger."""
        self.settings.ledger.unlink(missing_ok=True)
        self.shown = None

    def record(self, builds: Sequence[Build]) -> None:
        """Append builds as `inv build` does."""
        self.shown = None
        ledger.append(self.settings, builds)

    def stop_api(self) -> None:
        """End the backend's container."""
        self.is_away = True
        self.docker("stop", "--time", "1", self._backend)

    def start_api(self) -> None:
        """Start it again if it was ended."""
        if self.is_away:
            self.docker("start", self._backend)
            self.is_away = False

    @property
    def _backend(self) -> str:
        return f"{self.clone.project}-backend-1"

    def docker(self, *words: str) -> None:
        result = command.run(["docker", *words], env=self.clone.environ, timeout=120)
        assert result.ok, result.err
