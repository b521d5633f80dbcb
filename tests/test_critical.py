"""What steps waited for, and the chain of them that took longest."""

from typing import Any

import pytest

from drydock import dockerfile
from drydock.builds import critical, outline
from drydock.builds.progress import Progress
from tests.test_progress import TWO, told, vertex


@pytest.mark.parametrize(
    ("seconds", "inputs", "chain"),
    [
        pytest.param({}, {}, (), id="nothing was built"),
        pytest.param({"a": 1.0}, {}, ("a",), id="one step"),
        pytest.param({"a": 1.0, "b": 2.0}, {"b": ["a"]}, ("a", "b"), id="one after the other"),
        pytest.param({"a": 1.0, "b": 2.0}, {}, ("b",), id="side by side: the longer one"),
        pytest.param(
            {"a": 3.0, "b": 1.0, "c": 1.0, "d": 1.0},
            {"c": ["b"], "d": ["c", "a"]},
            ("a", "d"),
            id="fewer steps that take longer",
        ),
        pytest.param(
            {"a": 2.0, "b": 0.0, "c": 1.0}, {"b": ["a"], "c": ["b"]}, ("a", "c"), id="through what was cached"
        ),
        pytest.param({"a": 0.0, "b": 0.0}, {"b": ["a"]}, (), id="all was cached"),
        pytest.param({"a": 1.0}, {"a": ["gone"]}, ("a",), id="an input nobody told of"),
        pytest.param({"a": 1.0, "b": 1.0}, {"a": ["b"], "b": ["a"]}, (), id="a circle, which no build has"),
    ],
)
def test_the_longest_chain_of_inputs_is_found(
    seconds: dict[str, float], inputs: dict[str, list[str]], chain: tuple[str, ...]
) -> None:
    assert critical.path(seconds, inputs) == chain


def links(progress: Progress, image: str) -> dict[str, tuple[tuple[int, ...], bool]]:
    return {step.instruction: (step.inputs, step.critical) for step, _ in progress.steps(image)}


def step(digest: str, name: str, start: float, end: float, *inputs: str, **words: Any) -> dict[str, Any]:
    return vertex(digest, name, start, end, inputs=list(inputs), **words)


def test_steps_wait_for_steps_through_contexts_and_bases() -> None:
    progress, _ = told(
        {"only": "web"},
        vertex("base", "[internal] load metadata", 0, 0.5),
        step("slow", "[deps 1/1] RUN slow", 1, 5, "base"),
        step("fast", "[tools 1/1] RUN fast", 1, 2, "base"),
        step("kept", "[app 1/3] WORKDIR /app", 1, 1.1, "base", cached=True),
        step("named", "[context slim] a stage of another file", 5, 5.1, "fast"),
        step("join", "[app 2/3] COPY --from=deps", 5, 6, "kept", "slow", "named"),
        step("last", "[app 3/3] RUN last", 6, 7, "join"),
    )
    assert links(progress, "web") == {
        "RUN slow": ((), True),
        "RUN fast": ((), False),
        "WORKDIR /app": ((), False),
        "COPY --from=deps": ((0, 1, 2), True),
        "RUN last": ((3,), True),
    }


def test_a_step_told_under_two_digests_waits_for_what_either_waits_for() -> None:
    progress, _ = told(
        TWO,
        step("w1", "[web builder 1/2] RUN one", 1, 3),
        step("a1", "[api_1 builder 1/2] RUN one", 1, 3),
        step("w2", "[web builder 2/2] RUN two", 3, 4, "w1"),
        vertex("a2", "[api_1 builder 2/2] RUN two", inputs=["a1"]),  # never ran: the other image's did
        step("w2", "[api_1 builder 2/2] RUN two", 3, 4, "w1"),
    )
    assert links(progress, "web") == {"RUN one": ((), True), "RUN two": ((0,), True)}
    assert links(progress, "api.1") == {"RUN one": ((), True), "RUN two": ((0,), True)}


def test_what_another_image_did_is_on_no_path_of_this_one() -> None:
    progress, _ = told(
        TWO,
        step("1", "[web 1/1] RUN short", 1, 2),
        step("2", "[api_1 1/1] RUN long", 1, 9),
    )
    assert links(progress, "web") == {"RUN short": ((), True)}


def test_inputs_follow_the_steps_into_the_order_of_the_dockerfile() -> None:
    file = dockerfile.parse("FROM a AS one\nRUN 1\nFROM b AS two\nRUN 2\nCOPY --from=one x y\n")
    progress, _ = told(
        {"only": "web"},
        step("2", "[two 1/3] RUN 2", 1, 2),
        step("1", "[one 1/2] RUN 1", 2, 3),
        step("3", "[two 2/3] COPY --from=one x y", 3, 4, "1"),
    )
    placed = outline.placed(progress.steps("web"), file, frozenset())
    assert [(one.line, one.inputs) for one in placed] == [(2, ()), (4, ()), (5, (0,))]


def test_the_time_of_an_export_is_that_of_all_that_is_written() -> None:
    progress, _ = told(
        TWO,
        vertex("1", "[web] exporting to image", 1, 1.5),
        vertex("2", "[web] exporting cache to client directory", 1.5, 3.5),
    )
    assert progress.export_seconds("web") == pytest.approx(2.5)
    assert progress.export_seconds("api.1") is None
