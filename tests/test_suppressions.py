"""A finding is lived with for a reason, and for as long as was said."""

from datetime import date
from typing import Any

import pytest

from drydock.audit import auditing, suppressions, tree
from drydock.audit.repository import Repository
from drydock.audit.suppressions import Policy
from drydock.errors import Misuse
from drydock.rules import base_not_pinned

TODAY = date(2026, 6, 1)


def codes(dockerfile: str, *configured: dict[str, Any], path: str = "Dockerfile") -> list[str]:
    policy = Policy(suppressions.configured({"ignore": list(configured)}), TODAY)
    repository = Repository(tree.of({path: dockerfile}))
    return [finding.code for finding in auditing.run(repository, [base_not_pinned.RULE], policy)]


@pytest.mark.parametrize(
    "comment",
    [
        "# drydock: ignore=base-not-pinned it is a test",
        "#drydock:ignore=root-user,base-not-pinned it is a test",
        "# drydock: ignore=base-not-pinned it is a test (until 2026-06-01)",
        "# drydock: ignore=* it is a test\n# and a second line",
        "# drydock: ignore=base-not-pinned it waits until 3.13.1 is out",
        "# said first\n# drydock: ignore=base-* it is a test",
    ],
)
def test_a_comment_above_with_a_reason_suppresses(comment: str) -> None:
    assert codes(f"{comment}\nFROM a\n") == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# drydock: ignore=base-not-pinned\nFROM a\n", ["suppression-without-reason", "base-not-pinned"]),
        (
            "# drydock: ignore=base-not-pinned why (until 2026-05-31)\nFROM a\n",
            ["suppression-expired", "base-not-pinned"],
        ),
        *(
            (
                f"# drydock: ignore=base-not-pinned why (until {day})\nFROM a\n",
                ["suppression-expired", "base-not-pinned"],
            )
            for day in ("2027-02-30", "2027-1-5", "2027/01/05", "31.12.2027", "2027-01")
        ),
        ("# drydock: ignore=root-user why\nFROM a\n", ["base-not-pinned"]),
        ("# drydock: ignore=base-not-pinned why\nFROM b:1\nFROM a\n", ["base-not-pinned"]),
    ],
    ids=[
        *("no reason", "past its day", "no such day", "without zeros", "slashes", "day first", "a month"),
        "another rule",
        "another line",
    ],
)
def test_what_is_not_meant_or_not_valid_suppresses_nothing(text: str, expected: list[str]) -> None:
    assert codes(text) == expected


@pytest.mark.parametrize("folder", ["app/[id]", "a*b", "what?"])
def test_a_comment_speaks_of_its_own_file_whatever_that_is_called(folder: str) -> None:
    assert codes("# drydock: ignore=base-not-pinned why\nFROM a\n", path=f"{folder}/Dockerfile") == []


def test_pyproject_suppresses_by_path_until_its_day() -> None:
    entry = {"code": "base-not-pinned", "path": "Docker*", "reason": "it is a test"}
    assert codes("FROM a\n", entry) == []
    assert codes("FROM a\n", {**entry, "path": "other/*"}) == ["base-not-pinned"]
    assert codes("FROM a\n", {**entry, "until": date(2026, 5, 31)}) == ["base-not-pinned"]
    assert codes("FROM a\n", {**entry, "until": "2026-06-02"}) == []


@pytest.mark.parametrize(
    ("ignore", "message"),
    [
        ("x", "no list of tables"),
        ([{"code": "x"}], "x has no reason"),
        ([{"reason": "x"}], "an entry has no code"),
        ([{"code": "x", "reason": "y", "until": "soon"}], "soon is no date"),
        ([{"code": "x", "reason": "y", "rule": "z"}], "rule is no key of it"),
    ],
)
def test_a_wrong_entry_of_pyproject_is_refused(ignore: object, message: str) -> None:
    with pytest.raises(Misuse, match=message):
        suppressions.configured({"ignore": ignore})
