"""Steps and the lines they stand on."""

import pytest

from drydock import dockerfile
from drydock.builds import outline
from drydock.builds.vertex import Place
from drydock.measures.build import Step

FILE = dockerfile.parse(
    """\
ARG V=1
FROM python:$V AS Builder
ENV A=1
WORKDIR /app
RUN one && \\
    two

FROM python:3 AS app
COPY --from=builder /app /app
FROM app
RUN <<EOF
three
EOF
"""
)


def place(stage: str, index: int, count: int, text: str = "RUN x") -> Place:
    return Place("web", text, stage=stage, index=index, count=count)


@pytest.mark.parametrize(
    ("at", "based", "line"),
    [
        pytest.param(place("builder", 2, 3), {"builder"}, 4, id="after a FROM that counts"),
        pytest.param(place("builder", 3, 3), {"builder"}, 5, id="the first line of a long instruction"),
        pytest.param(place("builder", 1, 3), set(), 4, id="the base was replaced, so it does not count"),
        pytest.param(place("builder", 2, 3), set(), 5, id="and the last position is never reached"),
        pytest.param(place("builder", 1, 3, "FROM python:1"), {"builder"}, 2, id="the FROM itself"),
        pytest.param(place("app", 1, 2), set(), 9, id="a second stage"),
        pytest.param(place("stage-2", 1, 1), set(), 11, id="a stage without a name, on an earlier stage"),
        pytest.param(place("app", 1, 3), set(), None, id="what the base triggers stands nowhere"),
        pytest.param(place("app", 2, 3), set(), 9, id="and comes before the stage's own"),
        pytest.param(place("unknown", 1, 1), set(), None, id="a stage that is not there"),
    ],
)
def test_a_step_is_found_by_stage_and_position(at: Place, based: set[str], line: int | None) -> None:
    assert outline.line(at, FILE, frozenset(based)) == line


def test_steps_come_in_the_order_of_the_file_with_the_names_of_their_stages() -> None:
    def step(stage: str, started: float) -> Step:
        return Step("web", stage, "RUN x", None, started, 1.0, False)

    steps = [
        (step("stage-2", 3.0), place("stage-2", 1, 1)),
        (step("builder", 2.0), place("stage-0", 2, 3)),
        (step("builder", 1.0), place("builder", 1, 3)),
    ]
    found = outline.placed(steps, FILE, frozenset())
    assert [(one.line, one.stage) for one in found] == [(4, "builder"), (5, "builder"), (11, "stage-2")]
