"""Whoever reads without a mouse, without light colours, on a phone, or with a screen reader, reads every page."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import WIDE
from tests.browser.site import PAGES, Site, visit

LOOKS: dict[str, dict[str, Any]] = {
    "light": {"viewport": WIDE, "color_scheme": "light"},
    "dark": {"viewport": WIDE, "color_scheme": "dark"},
    "phone": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light", "has_touch": True},
}
STOPS = "a[href], button, input, select, textarea, summary, [tabindex='0']"
TOUCH = 44  # px a finger needs, at least; links within a text apart


@pytest.fixture(params=LOOKS)
def look(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Each way to look at a page."""
    return LOOKS[request.param]


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_serious(page: Page, name: str) -> None:
    visit(page, PAGES[name])
    unfold(page)
    assert [one for one in violations(page) if one.impact in ("serious", "critical")] == []


@pytest.mark.parametrize("look", ["light"], indirect=True)
@pytest.mark.parametrize("state", ["away", "empty"])
def test_axe_finds_nothing_serious_where_there_is_nothing_to_show(page: Page, site: Site, state: str) -> None:
    if state == "away":
        site.stop_api()
    else:
        site.show(site.ledgers.empty())
    for path in PAGES.values():
        visit(page, path)
        assert [one for one in violations(page) if one.impact in ("serious", "critical")] == [], path


@pytest.mark.parametrize("look", ["dark"], indirect=True)
def test_whoever_asked_for_dark_gets_light_text_on_dark(page: Page) -> None:
    visit(page, "/")
    body = page.locator("body")
    assert lightness(body, "backgroundColor") < 60
    assert lightness(body, "color") > 180


@pytest.mark.parametrize("look", ["phone"], indirect=True)
@pytest.mark.parametrize("name", PAGES)
def test_no_page_is_wider_than_a_phone_and_what_is_pressed_is_as_large_as_a_finger(page: Page, name: str) -> None:
    visit(page, PAGES[name])
    assert page.evaluate("() => document.documentElement.scrollWidth - innerWidth") <= 0
    for pressed in page.locator("nav a, button, select, input:not([type=checkbox]), a.button, summary").all():
        if pressed.is_visible():
            box = pressed.bounding_box()
            assert box
            assert box["height"] >= TOUCH - 0.5, pressed.inner_text()


@pytest.mark.parametrize("look", ["light"], indirect=True)
@pytest.mark.parametrize("name", PAGES)
def test_the_keyboard_reaches_everything_and_shows_where_it_is(page: Page, name: str) -> None:
    visit(page, PAGES[name])
    wanted = page.evaluate(
        """(stops) => {
            const seen = [...document.querySelectorAll(stops)].filter(
                (one) => one.checkVisibility({visibilityProperty: true}) && !one.disabled && one.tabIndex >= 0);
            seen.forEach((one, at) => one.dataset.stop = at);
            return seen.length;
        }""",
        STOPS,
    )
    assert wanted > 5
    reached, unmarked = set[str](), list[str]()
    for _ in range(wanted + 5):
        page.keyboard.press("Tab")
        stop = page.evaluate(
            """() => {
                const one = document.activeElement;
                const style = getComputedStyle(one);
                const marked = style.outlineStyle !== 'none' || style.boxShadow !== 'none';
                return [one.dataset?.stop ?? null, marked, one.outerHTML.slice(0, 120)];
            }"""
        )
        if stop[0] is None:
            continue
        reached.add(stop[0])
        if not stop[1]:
            unmarked.append(stop[2])
    left = [page.locator(f"[data-stop='{at}']") for at in range(wanted) if str(at) not in reached]
    assert [one.evaluate("(one) => one.outerHTML.slice(0, 120)") for one in left] == []
    assert unmarked == []


@pytest.mark.parametrize("look", ["light"], indirect=True)
def test_the_first_press_of_tab_offers_to_go_past_the_navigation(page: Page) -> None:
    visit(page, "/builds")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="To the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_be_focused()


@pytest.mark.parametrize("look", ["light"], indirect=True)
def test_a_card_is_opened_with_the_keyboard_alone(page: Page) -> None:
    visit(page, "/")
    page.get_by_role("link", name="backend", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/images/backend$"))
    expect(page.get_by_role("heading", level=1)).to_contain_text("backend")


def unfold(page: Page) -> None:
    """Open what can be opened: tables behind charts, details, diffs."""
    page.evaluate("() => document.querySelectorAll('details').forEach((one) => { one.open = true })")


def lightness(one: Locator, what: str) -> float:
    """The mean of red, green and blue of a computed colour, from 0 to 255."""
    canvas = """(one, what) => {
        const pen = new OffscreenCanvas(1, 1).getContext('2d');
        pen.fillStyle = getComputedStyle(one)[what];
        pen.fillRect(0, 0, 1, 1);
        const [red, green, blue] = pen.getImageData(0, 0, 1, 1).data;
        return (red + green + blue) / 3;
    }"""
    return float(one.evaluate(canvas, what))
