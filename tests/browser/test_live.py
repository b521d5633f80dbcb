"""What changes on a page while it is open: builds that begin, go on, end and are recorded, without a reload."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

from playwright.sync_api import Page, expect

from drydock.builds import running
from drydock.measures import ledger
from tests.browser.site import Site, visit

SOON = 15_000  # ms: a page asks anew every ten seconds, and at once when a build ended


def again(site: Site, image: str) -> None:
    """Record the last build of an image once more, as of now."""
    last = ledger.latest(site.settings, image)
    assert last
    (whole,) = ledger.detailed(site.settings, [last])
    site.record([replace(whole, started=datetime.now(UTC).isoformat(timespec="milliseconds"), seconds=123.0)])


@contextmanager
def still_the_same(page: Page) -> Iterator[None]:
    """Within this block the page is loaded no second time."""
    page.evaluate("() => { window.mark = true }")
    yield
    assert page.evaluate("() => window.mark"), "the page was loaded again"


def show_running(site: Site, done: int) -> None:
    """Say, as builders do, that a build runs and how far it is; the sign of life is the newest there can be."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    entry = {"pid": 1, "images": ["worker"], "started": now, "done": done, "total": 9, "step": "RUN make", "beat": now}
    (site.settings.state / running.FILE).write_text(json.dumps({"builds": [entry]}))


def test_a_build_recorded_while_the_page_is_open_shows_on_its_card(page: Page, site: Site) -> None:
    visit(page, "/")
    card = page.get_by_role("article", name="backend")
    with still_the_same(page):
        again(site, "backend")
        expect(card).to_contain_text("2 min 03 s", timeout=SOON)
        expect(card).to_contain_text("76 builds")


def test_a_build_recorded_while_the_list_is_open_is_its_first_row(page: Page, site: Site) -> None:
    visit(page, "/builds")
    with still_the_same(page):
        again(site, "gateway")
        expect(page.get_by_role("row").nth(1)).to_contain_text("#301", timeout=SOON)


def test_a_build_that_runs_is_shown_on_every_page_and_its_end_brings_its_figures(page: Page, site: Site) -> None:
    visit(page, "/")
    status = page.get_by_role("status", name="Running builds")
    with still_the_same(page):
        show_running(site, 3)
        expect(status).to_contain_text("Building worker")
        expect(status).to_contain_text("3 of 9 steps")
        expect(page.get_by_role("article", name="worker")).to_contain_text("building")
        page.get_by_role("link", name="Scenarios").click()
        show_running(site, 4)
        expect(status).to_contain_text("4 of 9 steps")
        page.get_by_role("link", name="Overview").click()
        again(site, "worker")
        (site.settings.state / running.FILE).unlink()
        expect(status).not_to_contain_text("Building")
        expect(page.get_by_role("article", name="worker")).to_contain_text("2 min 03 s", timeout=SOON)
