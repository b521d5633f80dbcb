"""What the pages say when there is little to show, and when the API is away, comes back, or never was there."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.browser.site import PAGES, Site, visit
from tests.repositories import becomes, free_port, get

ADDRESS = re.compile("PUBLIC_API_BASE_URL")
NO_BUILDS = ("overview", "builds")


@pytest.mark.parametrize("name", NO_BUILDS)
def test_a_folder_without_ledger_says_how_to_get_the_first_build(page: Page, site: Site, name: str) -> None:
    site.hide()
    visit(page, PAGES[name])
    expect(page.get_by_role("status").filter(has_text="No builds yet")).to_contain_text("./dev build")


@pytest.mark.parametrize("name", NO_BUILDS)
def test_an_empty_ledger_says_how_to_get_the_first_build(page: Page, site: Site, name: str) -> None:
    site.show(site.ledgers.empty())
    visit(page, PAGES[name])
    expect(page.get_by_role("status").filter(has_text="No builds yet")).to_contain_text("./dev build")


@pytest.mark.parametrize("name", ["scenarios", "audit"])
@pytest.mark.parametrize("ledger", ["empty", "unreported"])
def test_without_reports_a_page_says_which_command_makes_one(page: Page, site: Site, ledger: str, name: str) -> None:
    site.show(getattr(site.ledgers, ledger)())
    visit(page, PAGES[name])
    expect(page.get_by_role("main").locator("code").first).to_contain_text(re.compile(r"^(inv|\./dev) "))
    expect(page.get_by_role("alert")).to_have_count(0)


def test_builds_without_reports_have_cards_without_budget_that_say_so(page: Page, site: Site) -> None:
    site.show(site.ledgers.unreported())
    visit(page, "/")
    card = page.get_by_role("article", name="backend")
    expect(card).to_contain_text("no budget")
    expect(card).to_contain_text("not audited")


def test_an_api_that_goes_away_is_said_and_the_figures_stay_until_it_is_back(page: Page, site: Site) -> None:
    visit(page, "/")
    expect(page.get_by_role("article")).to_have_count(4)
    site.stop_api()
    away = page.get_by_role("alert")
    expect(away).to_contain_text("The API is away")
    expect(away).to_contain_text("The figures below are from before.")
    expect(away).to_contain_text(site.api)
    expect(page.get_by_role("article")).to_have_count(4)
    site.start_api()
    expect(away).to_have_count(0, timeout=60_000)
    expect(page.get_by_role("article")).to_have_count(4)


def test_a_page_opened_while_the_api_is_away_fills_by_itself_when_it_comes(page: Page, site: Site) -> None:
    site.stop_api()
    visit(page, "/builds")
    expect(page.get_by_role("alert")).to_contain_text("The API is away")
    site.start_api()
    expect(page.get_by_role("table")).to_be_visible(timeout=60_000)
    expect(page.get_by_role("alert")).to_have_count(0)


def test_one_question_that_is_cut_off_is_asked_again_and_nobody_is_told(page: Page, site: Site) -> None:
    """Where containers come and go, the browser cuts off what is under way: that is no API that is away."""
    alerts, cut = list[str](), list[str]()

    def once(route: Route) -> None:
        if cut:
            route.continue_()
        else:
            cut.append(route.request.url)
            route.abort("connectionreset")

    page.route("**/api/v1/images", once)
    page.expose_function("alerted", lambda text: alerts.append(text))
    page.add_init_script(
        "new MutationObserver(() => document.querySelector('[role=alert]') && alerted(document.body.innerText))"
        ".observe(document, {childList: true, subtree: true})"
    )
    visit(page, "/")
    expect(page.get_by_role("article")).to_have_count(4)
    assert cut
    assert alerts == []


@pytest.fixture
def elsewhere(site: Site) -> Iterator[Callable[[str], str]]:
    """Starts the front end once more, with another address of the API; gives the address of its pages."""
    names = list[str]()

    def start(api: str) -> str:
        port = free_port()
        names.append(f"{site.clone.project}-elsewhere-{len(names)}")
        words = ["--detach", "--rm", "--init", "--read-only", "--tmpfs", "/tmp", "--name", names[-1]]  # noqa: S108
        words += ["--publish", f"127.0.0.1:{port}:5173", "--env", f"PUBLIC_API_BASE_URL={api}"]
        site.docker("run", *words, "drydock/frontend:local")
        return f"http://localhost:{port}"

    yield start
    for name in names:
        site.docker("rm", "--force", name)


WRONG = {
    "nothing is there": ("http://localhost:{free}", "The API is away"),
    "somebody else is there": ("http://localhost:{pages}", "Something else answers in place of the API"),
    "no address": ("back end", "The address of the API is wrong"),
}


@pytest.mark.parametrize(("address", "said"), WRONG.values(), ids=WRONG)
def test_a_wrong_address_of_the_api_is_named_with_the_variable_that_holds_it(
    browser: Browser, site: Site, elsewhere: Callable[[str], str], address: str, said: str
) -> None:
    wrong = address.format(free=free_port(), pages=site.clone.port("FRONTEND_PORT"))
    pages = elsewhere(wrong)
    page = browser.new_page()
    reach(page, pages)
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text(said)
    expect(alert).to_contain_text(wrong)
    expect(alert).to_contain_text(ADDRESS)
    page.close()


def test_an_api_that_knows_another_front_end_says_that_its_origin_must_be_told(
    browser: Browser, site: Site, elsewhere: Callable[[str], str]
) -> None:
    page = browser.new_page()
    reach(page, elsewhere(site.api))
    expect(page.get_by_role("alert")).to_contain_text("FRONTEND_ORIGIN")
    page.close()


def reach(page: Page, address: str) -> None:
    """Visit a front end that was only just started."""
    port = int(address.rpartition(":")[2])
    assert becomes(lambda: get(port, "/healthz")[0] == 200)
    visit(page, address)
