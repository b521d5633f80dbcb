"""What a session showed as a table: cases of one test are one row, with all that they measured."""

from typing import Any

import pytest

from drydock.measures import session_tables


def case(test: str, seconds: float = 1.0, skipped: str = "") -> dict[str, Any]:
    return {"module": "test_it", "test": test, "seconds": seconds, "skipped": skipped, "figures": {}}


def test_a_row_for_each_test_with_what_its_cases_measured() -> None:
    cases = [case("test_a_cache_travels", 3.0), case("test_it_ends"), case("test_a_cache_travels")]
    cases[0]["figures"] = {"first build [s]": 4.0, "steps": 1200}
    cases[2]["figures"] = {"first build [s]": 2.5, "cache [bytes]": 2_000_000}
    header, rows = session_tables.rows({"cases": cases})
    assert [len(row) for row in rows] == [len(header)] * 2
    assert rows[0] == (
        "a cache travels",
        "2",
        "2",
        "4.00 s",
        "first build: 4.00 s, 2.50 s; steps: 1,200; cache: 2.0 MB",
    )
    assert rows[1] == ("it ends", "1", "1", "1.00 s", "")


def test_a_case_that_was_not_run_does_not_count_as_held_and_is_told_once() -> None:
    lost = case("test_tab", 5.0, skipped="fish is not installed here")
    document = {"cases": [case("test_tab", 2.0), lost, lost]}
    assert session_tables.rows(document)[1] == [("tab", "3", "1", "2.00 s", "")]
    assert [*session_tables.left_out(document)] == ["Not run: tab: fish is not installed here"]


def test_tests_of_one_name_in_two_modules_are_two_rows() -> None:
    other = {**case("test_tab"), "module": "test_other"}
    assert len(session_tables.rows({"cases": [case("test_tab"), other]})[1]) == 2


def test_a_unit_that_nobody_knows_is_not_dropped() -> None:
    odd = {**case("test_tab"), "figures": {"cache [B]": 12}}
    with pytest.raises(KeyError, match="B"):
        session_tables.rows({"cases": [odd]})
