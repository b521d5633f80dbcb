"""Single figures that a sentence quotes from a capture."""

from typing import Any

import pytest

from drydock.errors import Misuse
from drydock.measures import figures

CAPTURE: dict[str, Any] = {
    "runs": 3,
    "date": "2026-01-02",
    "images": {
        "app": {
            "baseline": {"scenarios": {"source edit": {"seconds": [4.0, 2.0, 3.0]}}, "disk_bytes": 200_000_000},
            "plan": {
                "scenarios": {
                    "source edit": {"seconds": [0.5, 0.3, 0.4], "own": [0.1, 0.1, 0.3]},
                    "no-op": {"seconds": [0.3, 0.1, 0.1]},
                },
                "disk_bytes": 50_000_000,
            },
        }
    },
    "pairs": [{"name": "list", "bare": [0.1, 0.2], "ours": [0.2, 0.4], "allowed": 0.15}],
}


@pytest.mark.parametrize(
    ("words", "shown"),
    [
        pytest.param("images app plan scenarios source-edit seconds", "0.40 s", id="the median of runs"),
        pytest.param("images app plan disk_bytes", "50.0 MB", id="bytes"),
        pytest.param("images app plan/baseline disk_bytes", "0.25", id="after / before"),
        pytest.param("images app plan/baseline scenarios source-edit seconds", "0.13", id="a ratio of medians"),
        pytest.param("images app plan scenarios no-op..source-edit seconds", "0.30 s", id="more, of the medians"),
        pytest.param("images app plan scenarios source-edit own..seconds", "0.20 s", id="more, run by run"),
        pytest.param("pairs list bare..ours", "0.15 s", id="more, pair by pair"),
        pytest.param("pairs list allowed", "0.15 s", id="an entry of a list, by its name"),
        pytest.param("runs", "3", id="a number without a unit"),
    ],
)
def test_the_words_lead_to_a_figure_in_its_unit(words: str, shown: str) -> None:
    assert figures.quoted(CAPTURE, words.split()) == shown


@pytest.mark.parametrize(
    ("words", "said", "remedy"),
    [
        pytest.param("images web plan", "no web", "app", id="an image that is not there"),
        pytest.param("images app plan scenarios cold seconds", "no cold", "source-edit, no-op", id="a scenario"),
        pytest.param("images app plan", "is no figure", "", id="words that stop too early"),
        pytest.param("images app plan disk_bytes more", "no more", "nothing below it", id="words that go on too far"),
        pytest.param("date", "is no figure", "", id="a text"),
    ],
)
def test_words_that_lead_to_no_figure_say_what_there_is(words: str, said: str, remedy: str) -> None:
    with pytest.raises(Misuse) as caught:
        figures.quoted(CAPTURE, words.split())
    assert said in caught.value.message
    assert remedy in caught.value.remedy
