"""What is on each of the other pages, and where its links lead."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.site import FAILED, FIRST, LAST, PAGES, visit


@pytest.mark.parametrize("name", PAGES)
def test_a_page_has_a_heading_and_a_title_of_its_own_and_its_place_is_marked(page: Page, name: str) -> None:
    visit(page, PAGES[name])
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    expect(page).to_have_title(re.compile(r".+ · Drydock$"))
    marked = {"image": "Overview", "build": "Builds"}.get(name, name.capitalize())
    expect(page.get_by_role("navigation", name="Pages").locator("[aria-current]")).to_have_text(marked)
    expect(page.get_by_role("alert")).to_have_count(0)


def test_builds_are_narrowed_in_the_address_and_paged_without_losing_that(page: Page) -> None:
    visit(page, PAGES["builds"])
    rows = page.get_by_role("table").get_by_role("row")
    expect(rows).to_have_count(51)
    page.get_by_role("combobox", name="Image").select_option("worker")
    expect(page).to_have_url(re.compile("image=worker"))
    expect(rows.nth(1)).to_contain_text("worker")
    page.get_by_role("link", name="Older builds").click()
    expect(page).to_have_url(re.compile("image=worker.*cursor=|cursor=.*image=worker"))
    expect(page.get_by_role("link", name="Newest builds")).to_be_visible()
    expect(rows.nth(1)).to_contain_text("worker")


def test_two_builds_that_are_picked_are_compared(page: Page) -> None:
    visit(page, PAGES["builds"])
    page.get_by_role("checkbox", name="Pick build 297").check()
    page.get_by_role("checkbox", name="Pick build 293").check()
    page.get_by_role("link", name="Compare #293 with #297").click()
    expect(page).to_have_url(re.compile("before=293&after=297"))
    expect(page.get_by_role("heading", name="Figures")).to_be_visible()


def test_a_failed_build_shows_the_step_that_failed_with_its_log(page: Page) -> None:
    visit(page, f"/builds/{FAILED}")
    expect(page.get_by_role("region", name="The last lines of its log")).to_contain_text("Unexpected token")
    expect(page.get_by_text("exit code: 1")).to_be_visible()


def test_a_build_says_why_it_ran_and_shows_its_steps_with_a_table_behind(page: Page) -> None:
    visit(page, f"/builds/{FAILED}")
    expect(page.get_by_role("heading", name="Why steps ran")).to_be_visible()
    section = page.get_by_role("region", name="Steps")
    steps = section.get_by_role("figure").get_by_role("listitem")
    expect(steps).to_have_count(5)
    expect(steps.last).to_contain_text("failed")
    section.locator("summary").first.click()
    expect(section.get_by_role("table").get_by_role("row")).to_have_count(6)


def test_a_build_that_is_not_there_is_said_to_be_missing(page: Page) -> None:
    visit(page, "/builds/99999")
    expect(page.get_by_role("alert")).to_contain_text("Not in the ledger")


def test_a_page_that_is_not_there_says_so_and_leads_back(page: Page) -> None:
    visit(page, "/nowhere")
    expect(page.get_by_role("alert")).to_contain_text("There is no such page")
    page.get_by_role("link", name="Back to the overview").click()
    expect(page.get_by_role("article").first).to_be_visible()


def test_a_comparison_can_be_turned_round_and_holds_its_state_in_the_address(page: Page) -> None:
    visit(page, PAGES["compare"])
    expect(page.get_by_role("heading", name="Figures")).to_be_visible()
    page.get_by_role("link", name="The other way round").click()
    expect(page).to_have_url(re.compile(f"before={LAST}&after={FIRST}"))
    page.go_back()
    expect(page).to_have_url(re.compile(f"before={FIRST}&after={LAST}"))


def test_two_images_can_be_compared(page: Page) -> None:
    visit(page, "/compare?before=297&after=299")
    main = page.get_by_role("main")
    expect(main).to_contain_text("backend")
    expect(main).to_contain_text("worker")
    expect(page.get_by_role("heading", name="Figures")).to_be_visible()
