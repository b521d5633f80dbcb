"""What axe finds on a page: what keeps a reader with a screen reader, or weak eyes, from reading it."""

from dataclasses import dataclass

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

IMPACTS = ("critical", "serious", "moderate", "minor")


@dataclass(frozen=True)
class Violation:
    """One rule that does not hold: how much it matters, and the first of the elements it is about."""

    impact: str
    rule: str
    count: int
    example: str


def violations(page: Page) -> list[Violation]:
    """All that axe finds, the worst first; its rules are those it runs unless told otherwise."""
    found = [
        Violation(one["impact"], one["id"], len(one["nodes"]), one["nodes"][0]["html"])
        for one in Axe().run(page).response["violations"]
    ]
    return sorted(found, key=lambda one: IMPACTS.index(one.impact))
