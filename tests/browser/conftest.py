"""Both services as `inv up` starts them, over a ledger that the tests choose, and a browser to look at them."""

import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from drydock import command, config
from drydock.engines import engine, place
from tests.browser import chromium
from tests.browser.site import SECONDS, Ledgers, Site
from tests.repositories import PROJECT, copied

START = "300"  # seconds for both services
WIDE = {"width": 1280, "height": 800}
# What is said of an API that is away, and of a script that was cut off: without it no figure shows.
EXPECTED = ("Failed to load resource", "blocked by CORS policy", "dynamically imported module")


def pytest_addoption(parser: pytest.Parser) -> None:
    """What this run leaves in docs/, besides its verdict."""
    parser.addoption("--screenshots", action="store_true", help="write the pictures of the pages to docs/images")
    parser.addoption("--save", action="store_true", help="write what is measured to docs/measurements/dashboard.json")


@pytest.fixture(scope="session")
def ledgers(tmp_path_factory: pytest.TempPathFactory) -> Ledgers:
    """Ledgers that are made once, to be put in front of the API."""
    return Ledgers(tmp_path_factory.mktemp("ledgers"))


@pytest.fixture(scope="session")
def started(tmp_path_factory: pytest.TempPathFactory, ledgers: Ledgers) -> Iterator[Site]:
    """Both services of a copy of this project, up; afterwards nothing of them is left."""
    found = engine.find(config.load(PROJECT, os.environ))
    root = tmp_path_factory.mktemp("a clone") / "drydock"
    clone = copied(root, found.environ, f"browser-{uuid.uuid4().hex[:12]}")
    try:
        up = clone("up", "--timeout", START)
        assert up.code == 0, up.err
        yield Site(clone, config.load(clone.root, clone.environ), ledgers)
    finally:
        down = ["docker", "compose", "-p", clone.project, "down", "--volumes", "--timeout", "1"]
        command.run(down, env=clone.environ, timeout=120)


@pytest.fixture
def site(started: Site) -> Iterator[Site]:
    """Both services over the ledger of four images, whatever the test before did to it."""
    started.show(started.ledgers.seeded())
    yield started
    started.start_api()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The browser of this machine."""
    found = chromium.find(os.environ)
    assert found, f"{chromium.LACK}: python -m tests.browser.chromium"
    expect.set_options(timeout=1000 * SECONDS)
    with sync_playwright() as playwright:
        has_sandbox = place.user() != 0  # as root it has none to start in
        browser = playwright.chromium.launch(executable_path=found, args=chromium.FLAGS, chromium_sandbox=has_sandbox)
        yield browser
        browser.close()


@pytest.fixture
def look() -> dict[str, Any]:
    """How the reader looks at a page: width and height, colour scheme; tests that want others name their own."""
    return {"viewport": WIDE, "color_scheme": "light"}


@pytest.fixture
def context(browser: Browser, site: Site, look: dict[str, Any]) -> Iterator[BrowserContext]:
    """A reader's session, which remembers nothing of an earlier one."""
    context = browser.new_context(base_url=site.address, device_scale_factor=1, **look)
    context.set_default_timeout(1000 * SECONDS)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """A page on which no script fails and which asks for nothing that its security policy forbids."""
    page, said = context.new_page(), list[str]()
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    yield page
    assert [one for one in said if not any(words in one for words in EXPECTED)] == []


@pytest.fixture(scope="session")
def pictures(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pictures of the pages go: to the documents if that is wanted, else to a folder that is thrown away."""
    return PROJECT / "docs" / "images" if request.config.getoption("--screenshots") else tmp_path_factory.mktemp("seen")
