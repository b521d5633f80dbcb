"""How much script a page loads first, and how smooth a large overview stays; `--save` keeps the figures."""

import gzip
import os
from collections.abc import Iterator
from statistics import median
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Response, expect

from drydock import config
from drydock.engines import engine
from drydock.measures import capture, evidence, ledger
from tests.browser.axe import IMPACTS, violations
from tests.browser.conftest import WIDE
from tests.browser.site import PAGES, Site, visit
from tests.repositories import PROJECT

COMMAND = "./dev nox -s browser -- --save"
LEVEL = 6  # of gzip, as servers compress
SCRIPT = 150_000  # bytes a page may load first, compressed
IMAGES, BUILDS = 100, 10_000
FRAME = 1000 / 60  # ms
RUNS = 3
WATCHED = """
    window.long = [];
    new PerformanceObserver((list) => list.getEntries().forEach((one) => window.long.push(one.duration)))
        .observe({type: 'longtask', buffered: true});
"""
SCROLLED = """async () => {
    const frames = [], page = document.scrollingElement;
    let last = await new Promise(requestAnimationFrame);
    while (page.scrollTop + innerHeight < page.scrollHeight - 1) {
        page.scrollBy({top: 120, behavior: 'instant'});
        const now = await new Promise(requestAnimationFrame);
        frames.push(now - last);
        last = now;
    }
    return frames;
}"""


@pytest.fixture(scope="module")
def kept(request: pytest.FixtureRequest, browser: Browser) -> Iterator[dict[str, Any]]:
    """What is measured; in the end it is saved, if that is wanted and every part was measured."""
    found: dict[str, Any] = {}
    yield found
    if request.config.getoption("--save") and {"pages", "overview"} <= set(found):
        settings = config.load(PROJECT, os.environ)
        bases = [
            base for name in ("backend", "frontend") if (one := ledger.latest(settings, name)) for base in one.bases
        ]
        head = capture.header(settings, engine.find(settings), kind="dashboard", command=COMMAND, bases=bases)
        head["versions"]["chromium"] = browser.version
        evidence.save(PROJECT, "dashboard", {**head, "allowed_bytes": SCRIPT, **found})


def test_the_first_load_of_each_page_is_light_on_script_and_axe_finds_nothing_serious(
    browser: Browser, site: Site, kept: dict[str, Any]
) -> None:
    pages = [weighed(browser, site, name) for name in PAGES]
    kept["pages"] = pages
    assert all(one["scripts"] for one in pages), "a page without any script was not seen whole"
    assert [one for one in pages if one["gzip_bytes"] >= SCRIPT] == []
    assert [one for one in pages if one["axe"]["serious"] or one["axe"]["critical"]] == []


def weighed(browser: Browser, site: Site, name: str) -> dict[str, Any]:
    """A page as a reader gets it who was never here: its scripts and what axe finds of each impact."""
    context = browser.new_context(base_url=site.address, viewport=WIDE)
    page, scripts = context.new_page(), dict[str, Response]()

    def note(response: Response) -> None:
        if "javascript" in response.headers.get("content-type", ""):
            scripts[response.url] = response

    page.on("response", note)
    visit(page, PAGES[name])
    bodies = [one.body() for one in scripts.values()]
    found = [one.impact for one in violations(page)]
    context.close()
    return {
        "page": name,
        "scripts": len(bodies),
        "bytes": sum(map(len, bodies)),
        "gzip_bytes": sum(len(gzip.compress(body, LEVEL)) for body in bodies),
        "axe": {impact: found.count(impact) for impact in IMPACTS},
    }


def test_the_overview_of_many_images_stays_smooth(page: Page, site: Site, kept: dict[str, Any]) -> None:
    """What is held is the work of the page itself, in processor time: how long it takes depends on what else runs."""
    site.show(site.ledgers.seeded(IMAGES, BUILDS))
    devtools = page.context.new_cdp_session(page)
    devtools.send("Performance.enable", {"timeDomain": "threadTicks"})
    page.add_init_script(WATCHED)
    runs = [scrolled(page, devtools) for _ in range(RUNS)]
    kept["overview"] = {"images": IMAGES, "builds": BUILDS, "runs": runs}
    assert median(one["cpu_ms_per_frame"] for one in runs) < FRAME
    assert median(one["load_cpu_ms"] for one in runs) < 3000


def scrolled(page: Page, devtools: Any) -> dict[str, Any]:
    """The overview loaded and scrolled to its end: long tasks and frames in ms, processor time of the main thread."""

    def worked() -> float:
        found = devtools.send("Performance.getMetrics")["metrics"]
        return 1000 * next(float(one["value"]) for one in found if one["name"] == "TaskDuration")

    before = worked()
    visit(page, "/")
    expect(page.get_by_role("article")).to_have_count(IMAGES)
    loaded = worked()
    loading = page.evaluate("() => window.long.splice(0)")
    frames = page.evaluate(SCROLLED)
    done = worked()
    scrolling = page.evaluate("() => window.long")
    return {
        "load_cpu_ms": round(loaded - before if loaded > before else loaded, 1),
        "load_long_ms": [round(one, 1) for one in loading],
        "scroll_long_ms": [round(one, 1) for one in scrolling],
        "frames_ms": [round(one, 2) for one in frames],
        "cpu_ms_per_frame": round((done - loaded) / len(frames), 2),
    }
