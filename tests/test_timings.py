"""What repeated builds come to, from a capture as it is saved."""

import json
from pathlib import Path

import pytest

from drydock.measures import evidence, timings
from drydock.measures.timings import Spread

EXAMPLE = json.loads((Path(__file__).parent / "captures" / "scenarios.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    ("seconds", "outliers"),
    [
        pytest.param((1.0, 1.1, 1.2, 1.1, 9.0), (5,), id="one that took far longer"),
        pytest.param((9.0, 9.1, 1.0, 9.1, 9.2), (3,), id="one that took far less"),
        pytest.param((1.0, 1.1, 1.2, 1.1, 1.3), (), id="an ordinary spread"),
        pytest.param((1.0, 1.0, 1.0, 1.0, 1.04), (), id="steady to the last, so that a hair is no outlier"),
        pytest.param((1.0, 1.0, 1.0, 1.0, 1.2), (5,), id="steady but for one"),
        pytest.param((1.0, 1.0, 9.0, 1.0), (), id="too few runs to tell"),
        pytest.param((1.0,), (), id="one run"),
    ],
)
def test_outliers_are_told_by_the_rule(seconds: tuple[float, ...], outliers: tuple[int, ...]) -> None:
    assert Spread(seconds).outliers == outliers


def test_the_steps_that_ran_are_counted_with_their_median() -> None:
    timing = timings.find(EXAMPLE, "api", "plan", "source edit")
    assert timing is not None
    assert [(step.instruction, step.times) for step in timing.ran] == [("COPY --link app /srv/app", 3)]
    assert (timing.again, timing.total) == (1, 5)


@pytest.mark.parametrize(
    ("instruction", "expected"),
    [
        ("RUN --mount=type=cache,target=/x --network=none  make   all", "RUN make all"),
        ("COPY --link --from=a /b /c", "COPY /b /c"),
        ("RUN make --jobs=2", "RUN make --jobs=2"),
    ],
)
def test_an_instruction_is_the_same_whatever_its_flags(instruction: str, expected: str) -> None:
    assert timings.bare(instruction) == expected


def test_what_follows_from_several_scenarios_is_of_medians() -> None:
    web = {"seconds": [3.0, 4.0, 9.0], "bundler": [2.0, 3.5, 4.0]}
    plan = {"scenarios": {"source edit": web, "no-op": {"seconds": [0.1, 0.2, 0.3]}, "cold": {"seconds": [5.0]}}}
    document = {"images": {"web": {"plan": plan}}, "together": {"plan": {"seconds": [6.0]}}}
    assert timings.over_nothing(document, "web", "plan") == pytest.approx(3.8)
    assert timings.over_bundler(document, "web", "plan") == pytest.approx(1.0)
    assert timings.together(document, "plan") == pytest.approx(1.2)
    assert timings.over_bundler(document, "web", "baseline") is None


def test_a_capture_of_scenarios_becomes_tables() -> None:
    text = evidence.markdown(EXAMPLE)
    assert "| api | source edit | 3." in text
    assert "| web | plan | source edit, over the bundler's own time | +0." in text
    assert "| all | plan | all at once, in units of the slowest alone | " in text
    assert "imported cache is left out" in text
    assert "Median of 3 runs" in text


def test_without_a_baseline_the_plan_stands_alone() -> None:
    images = {name: {"plan": variants["plan"]} for name, variants in EXAMPLE["images"].items()}
    text = evidence.markdown({**EXAMPLE, "images": images})
    assert "| image | scenario | median | smallest | largest | outliers | steps run |" in text
    assert "| image | size unpacked |" in text
