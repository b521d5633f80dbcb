"""The first page: whether the images are healthy, at a glance."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.site import Site, visit


def test_each_image_has_a_card_with_its_sizes_its_budget_and_its_findings(page: Page) -> None:
    visit(page, "/")
    cards = page.get_by_role("article")
    expect(cards).to_have_count(4)
    for name in ("backend", "frontend", "worker", "gateway"):
        card = page.get_by_role("article", name=name)
        expect(card).to_contain_text(re.compile(r"\d MB on disk"))
        expect(card).to_contain_text(re.compile(r"\d MB to pull"))
        expect(card).to_contain_text("Findings")


@pytest.fixture
def one_is_bad(site: Site) -> None:
    """Of the four images only the second by name needs work; where there are reports, each of them does."""
    site.show(site.ledgers.unreported())


@pytest.mark.usefixtures("one_is_bad")
def test_what_needs_work_comes_first_and_says_why(page: Page) -> None:
    visit(page, "/")
    expect(page.get_by_role("article").first).to_contain_text("build failed")
    expect(page.get_by_role("article", name="frontend")).to_contain_text("build failed")
    expect(page.get_by_role("article").last).not_to_contain_text("build failed")


@pytest.mark.usefixtures("one_is_bad")
def test_a_state_that_is_chosen_is_in_the_address_and_survives_a_reload(page: Page) -> None:
    visit(page, "/")
    expect(page.get_by_role("article")).to_have_count(4)
    link = page.get_by_role("list", name="Images by state").get_by_role("link").first
    count = int(re.findall(r"\d+", link.inner_text())[0])
    assert count == 1
    link.click()
    expect(page.get_by_role("article")).to_have_count(count)
    expect(page).to_have_url(re.compile(r"\?state=bad"))
    visit(page, page.url)
    expect(page.get_by_role("article")).to_have_count(count)


def test_typing_a_name_leaves_the_images_that_have_it(page: Page) -> None:
    visit(page, "/")
    page.get_by_role("searchbox", name="Find an image").fill("gate")
    expect(page.get_by_role("article")).to_have_count(1)
    expect(page).to_have_url(re.compile("q=gate"))
    page.get_by_role("searchbox", name="Find an image").fill("nothing is named so")
    page.get_by_role("link", name="Show all 4").click()
    expect(page.get_by_role("article")).to_have_count(4)


def test_a_card_leads_to_its_last_build_which_leads_to_the_one_before(page: Page) -> None:
    visit(page, "/")
    page.get_by_role("article", name="backend").locator("dl").get_by_role("link").first.click()
    expect(page).to_have_url(re.compile(r"/builds/297$"))
    page.get_by_role("link", name="← Before").click()
    expect(page).to_have_url(re.compile(r"/builds/293$"))
