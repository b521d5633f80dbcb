"""What images weigh, and how that differs from a capture."""

from drydock.measures import weights
from drydock.measures.weights import Weight

BACKEND = Weight("backend", "x/backend:local", 120_000_000, 40_000_000, 90_000_000, 30_000_000, 9, 4.2)


def captured(**figures: float | None) -> dict[str, object]:
    return {"name": "backend", "disk_bytes": 100_000_000, "pull_bytes": 40_000_000, "seconds": 2.1, **figures}


def test_a_difference_is_shown_in_bytes_and_percent() -> None:
    text = weights.show_changes(weights.changes([captured()], [BACKEND]))
    rows = [line.split() for line in text.splitlines()]
    assert ["backend", "unpacked", "100", "MB", "120", "MB", "+20.0", "MB", "+20.0", "%"] in rows
    assert ["backend", "to", "pull", "40.0", "MB", "40.0", "MB", "0", "B", "+0.0", "%"] in rows
    assert ["backend", "last", "build", "2.10", "s", "4.20", "s", "+2.10", "s", "+100.0", "%"] in rows


def test_a_figure_that_only_one_side_knows_has_no_difference() -> None:
    text = weights.show_changes(weights.changes([captured()], [BACKEND]))
    assert ["backend", "own", "part", "unknown", "30.0", "MB"] in [line.split() for line in text.splitlines()]


def test_images_that_are_new_or_gone_are_said_to_be() -> None:
    text = weights.show_changes(weights.changes([{**captured(), "name": "old"}], [BACKEND]))
    assert [line.split() for line in text.splitlines()][1:] == [["backend", "new"], ["old", "gone"]]


def test_what_is_not_known_is_said_not_to_be() -> None:
    text = weights.show([Weight("a", "a:1", 10, None, None, None, 1, None)])
    assert text.splitlines()[1].split() == ["a", "10", "B", *["unknown"] * 4, "1", "not", "recorded", "unknown"]
