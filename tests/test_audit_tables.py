"""The audit's speed as the bench prints it and the documents show it."""

from typing import Any

import pytest

from drydock.measures import audit_tables


def run(seconds: float, memory: int = 50_000_000) -> dict[str, Any]:
    return {"seconds": seconds, "cpu": 2 * seconds, "memory": memory}


def capture(*, hadolint: float = 1.0, large: float = 2.0, memory: int = 50_000_000) -> dict[str, Any]:
    return {
        "files": {"count": 2, "lines": 1200, "median": 20.5},
        "tools": {"drydock": [run(0.2), run(0.3)], "hadolint": [run(hadolint), run(hadolint)]},
        "growth": [
            {"services": 100, "audit": [run(0.5)], "fix": [run(1.0)]},
            {"services": 400, "audit": [run(large, memory)], "fix": [run(4.0)]},
        ],
    }


def test_tools_are_shown_in_units_of_ours_pair_by_pair() -> None:
    tools, growth, _ = audit_tables.parts(capture(hadolint=0.6))
    assert tools.rows[1][2] == "2.50 (2.00 to 3.00)"
    assert growth.rows[1] == ("400", "2.00 s", "5.0 ms", "50.0 MB", "4.00 s", "10.0 ms", "50.0 MB")


@pytest.mark.parametrize(
    ("changed", "missed"),
    [
        pytest.param({}, [], id="everything holds"),
        pytest.param({"hadolint": 0.5}, ["hadolint, wall time", "hadolint, processor time"], id="not fast enough"),
        pytest.param({"memory": 150_000_000}, ["audit of 400 services, memory"], id="too large"),
        pytest.param({"large": 2.6}, ["audit, a service of 400"], id="more than linear"),
        pytest.param({"large": 5.0}, ["audit of 400 services", "audit, a service of 400"], id="too slow"),
    ],
)
def test_what_is_not_held_is_told(changed: dict[str, Any], missed: list[str]) -> None:
    document = capture(**changed)
    *_, limits = audit_tables.parts(document)
    found = [row[0] for row in limits.rows if row[3] == "not held"]
    assert len(found) == len(missed)
    assert all(one.startswith(start) for one, start in zip(found, missed, strict=True))
    assert audit_tables.is_held(document) == (not missed)


def test_the_files_are_counted() -> None:
    assert audit_tables.told(capture()).startswith("2 distinct Dockerfiles with 1,200 lines, 20.5 in the median one")
