"""Builds of growing repositories as the bench prints them and the documents show them."""

from typing import Any

import pytest

from drydock.measures import services_tables


def run(seconds: float, *, memory: int = 50_000_000, failed: bool = False) -> dict[str, Any]:
    return {"seconds": seconds, "memory": memory, "failed": failed}


def grown(services: int, ours: float, *, memory: int = 50_000_000, busy: float = 1.8, **peer: bool) -> dict[str, Any]:
    tools = {"changed": [run(ours, memory=memory), run(ours)], "compose": [run(4 * ours, **peer), run(2 * ours)]}
    return {
        "services": services,
        "full": {"seconds": 1.0, "busy": busy, "cores": 2},
        "no-op": tools,
        "edited": {"changed": [*tools["changed"]]},
    }


def capture(*, largest: float = 0.9, memory: int = 50_000_000, busy: float = 1.8) -> dict[str, Any]:
    return {"growth": [grown(10, 0.32), grown(100, 0.5), grown(300, largest, memory=memory, busy=busy)]}


def test_others_are_shown_in_units_of_ours_turn_by_turn_and_the_line_beside() -> None:
    noop, _, fitted, full, _ = services_tables.parts(capture())
    assert noop.header == ("services, nothing to do", "`inv build --changed`", "`docker compose build`")
    assert noop.rows[1][2] == "1.50 s (1.00 s to 2.00 s), 3.0 times ours (2.0 to 4.0)"
    assert fitted.rows[0] == ("`inv build --changed`", "nothing to do", "0.30 s", "2.0 ms", "50.0 MB")
    assert full.rows[0] == ("10", "1.00 s", "1.80 s", "90%")


def test_a_run_that_failed_is_told_and_counts_for_nothing() -> None:
    document = {"growth": [grown(10, 0.5, failed=True), grown(20, 0.6)]}
    noop, *_ = services_tables.parts(document)
    assert noop.rows[0][2] == "1.00 s, 2.0 times ours (2.0 to 2.0); 1 of 2 failed"


def test_a_turn_in_which_ours_failed_is_no_measure_of_the_others() -> None:
    one = grown(10, 0.5)
    one["no-op"]["changed"][0] = run(0.01, failed=True)
    noop, *_ = services_tables.parts({"growth": [one, grown(20, 0.6)]})
    assert noop.rows[0][2] == "1.50 s (1.00 s to 2.00 s), 2.0 times ours (2.0 to 2.0)"
    one["no-op"]["changed"][1] = run(0.01, failed=True)
    noop, *_ = services_tables.parts({"growth": [one, grown(20, 0.6)]})
    assert noop.rows[0][1:] == ("failed 2 of 2 times", "1.50 s (1.00 s to 2.00 s)")


@pytest.mark.parametrize("lost", [1, 2], ids=["one run", "all runs"])
def test_a_run_of_ours_that_failed_is_not_held_and_hides_behind_no_other(lost: int) -> None:
    document = capture(largest=3.1)  # bent, and too slow
    document["growth"][-1]["no-op"]["changed"][:lost] = [run(0.01, memory=1, failed=True)] * lost
    *_, limits = services_tables.parts(document)
    told = {row[0]: row[1:] for row in limits.rows}
    assert told["runs of ours that failed"] == (str(lost), "0", "not held")
    assert told.get("`inv build --changed`, nothing to do, at 300 services") == (
        ("3.10 s", "under 3 s", "not held") if lost == 1 else None
    )
    bent = "`inv build --changed`, nothing to do, at 300 services over the line through the smaller ones"
    assert (bent in told) == (lost == 1)


@pytest.mark.parametrize(
    ("changed", "missed"),
    [
        pytest.param({}, 0, id="everything holds"),
        pytest.param({"largest": 3.1}, 3, id="too slow, and bent in both scenarios"),
        pytest.param({"largest": 1.4}, 2, id="more than linear"),
        pytest.param({"memory": 200_000_000}, 2, id="too large"),
        pytest.param({"busy": 1.5}, 1, id="idle cores"),
    ],
)
def test_what_is_not_held_is_told(changed: dict[str, Any], missed: int) -> None:
    *_, limits = services_tables.parts(capture(**changed))
    assert sum(row[3] == "not held" for row in limits.rows) == missed
    assert services_tables.is_held(capture(**changed)) == (not missed)


def test_the_line_through_points_on_one_is_that_line() -> None:
    assert services_tables.line([(10, 1.2), (50, 2.0), (100, 3.0)]) == pytest.approx((1.0, 0.02))
