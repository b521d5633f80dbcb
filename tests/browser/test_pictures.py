"""Pictures of the main pages, as the documents show them; with --screenshots they are written there."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import WIDE
from tests.browser.site import PAGES, Site, visit

NOW = datetime(2026, 6, 1, 12, 20, tzinfo=UTC)  # soon after the last build of a seeded ledger
PHONE = {"width": 390, "height": 844}
TALL = {"width": 1280, "height": 1500}  # what these pages are about stands further down
LIMIT = 200_000  # bytes
PICTURES = {
    **{name: (name, TALL if name in ("image", "build") else WIDE, "light") for name in PAGES if name != "builds"},
    "overview-dark": ("overview", WIDE, "dark"),
    "overview-phone": ("overview", PHONE, "light"),
}


@pytest.mark.parametrize(("name", "size", "scheme"), PICTURES.values(), ids=PICTURES)
def test_a_page_can_be_pictured(
    browser: Browser,
    site: Site,
    pictures: Path,
    request: pytest.FixtureRequest,
    name: str,
    size: Any,
    scheme: Any,
) -> None:
    context = browser.new_context(
        base_url=site.address,
        viewport=size,
        color_scheme=scheme,
        device_scale_factor=1,
        reduced_motion="reduce",
        locale="en-GB",
        timezone_id="UTC",
    )
    page = context.new_page()
    page.clock.set_fixed_time(NOW)
    visit(page, PAGES[name])
    expect(page.get_by_role("alert")).to_have_count(0)
    page.wait_for_load_state("networkidle")  # lists to choose from come later
    path = pictures / f"dashboard-{request.node.callspec.id}.png"
    picture = page.screenshot(path=path, animations="disabled", caret="hide")
    context.close()
    assert len(picture) < LIMIT
