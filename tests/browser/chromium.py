"""The Chromium that the tests drive: what this machine has, else with consent what its own archives have.

`python -m tests.browser.chromium` makes sure of it, and ends with 3 and the remedy where there is none.
"""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from drydock import command, config
from drydock.config import Config
from drydock.console import Console
from drydock.engines import install, packages
from drydock.errors import NotReady, Problem
from drydock.events import Tell

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
APPLICATIONS = ("Google Chrome.app/Contents/MacOS/Google Chrome", "Chromium.app/Contents/MacOS/Chromium")
LACK = "the tests of the pages need Chromium or Chrome, and neither is installed"
BY_HAND = {
    "Darwin": "brew install --cask chromium",
    "Windows": "winget install Google.Chrome, and put its folder on PATH",
    "ubuntu": "sudo snap install chromium",  # what its archive calls chromium installs the snap, which needs snapd
}
ANYWHERE = "install Chromium or Chrome, so that it is found on PATH"
FLAGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find(environ: Mapping[str, str], applications: Path = Path("/Applications")) -> str | None:
    """The path of the first browser that is on PATH, or among a Mac's applications; None where there is none."""
    on_path = (command.find(name, environ) for name in NAMES)
    others = (str(path) for name in APPLICATIONS if (path := applications / name).is_file())
    return next((path for path in (*on_path, *others) if path), None)


def ensure(settings: Config, here: install.Machine, tell: Tell) -> str:
    """The path of a browser; where there is none, Debian's is installed with consent. Else NotReady with the remedy."""
    if found := find(settings.environ):
        return found
    about = install.os_release(here.os_release)
    if about.get("ID") != "debian":
        remedy = BY_HAND.get(here.system) or BY_HAND.get(about.get("ID", ""), ANYWHERE)
        raise NotReady(LACK, remedy=remedy)
    packages.add(settings, here, install.tools(here, ("chromium",)), LACK, tell)
    if found := find(settings.environ):
        return found
    raise NotReady("the package chromium is installed, and there is no chromium on PATH", remedy=ANYWHERE)


def main() -> int:
    """Make sure of a browser; 3 where there is none."""
    console = Console.of(os.environ)
    settings = config.load(Path.cwd(), os.environ)
    try:
        ensure(settings, packages.machine(settings.environ), console.tell)
    except Problem as problem:
        console.problem(problem)
        return problem.code
    return 0


if __name__ == "__main__":
    sys.exit(main())
