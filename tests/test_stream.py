"""BuildKit's stream cut into values and lines, wherever the chunks end."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drydock.builds.stream import Stream

EVENTS: list[Any] = [
    {"vertexes": [{"digest": "sha256:1", "name": "[a 1/2] RUN echo \"{\" '}' \\"}]},
    {"logs": [{"data": "aGk=", "vertex": "sha256:1"}]},
    {"statuses": [{"id": "größe", "current": 1}]},
]


def read(data: bytes, size: int) -> list[Any]:
    stream, found = Stream(), list[Any]()
    for at in range(0, len(data), size):
        found += stream.feed(data[at : at + size])
    return found + list(stream.close())


@pytest.mark.parametrize("size", [1, 2, 7, 10_000])
@pytest.mark.parametrize(
    "text",
    [
        pytest.param("\n".join(json.dumps(event, indent=2) for event in EVENTS) + "\n", id="over many lines"),
        pytest.param("".join(json.dumps(event, ensure_ascii=False) for event in EVENTS), id="one behind the other"),
        pytest.param("\n".join(json.dumps(event) for event in EVENTS), id="one a line, the last not ended"),
    ],
)
def test_values_come_whole_however_they_are_written_and_cut(text: str, size: int) -> None:
    assert read(text.encode(), size) == EVENTS


@pytest.mark.parametrize("size", [1, 5, 10_000])
def test_plain_lines_between_and_after_values_are_kept_in_order(size: int) -> None:
    data = b'WARN[0000] old\n{\n  "a": 1\n}\nDockerfile:2\n   2 | >>> RUN {\nERROR: failed'
    assert [value for value in read(data, size) if value] == [
        "WARN[0000] old",
        {"a": 1},
        "Dockerfile:2",
        "   2 | >>> RUN {",
        "ERROR: failed",
    ]


def test_a_value_that_never_ends_is_given_back_as_lines() -> None:
    assert read(b'{\n "a": "x\n', 3) == ["{", ' "a": "x']


@given(st.lists(st.dictionaries(st.text(), st.text() | st.integers() | st.none()), max_size=5), st.integers(1, 9))
def test_any_objects_survive_any_cut(events: list[Any], size: int) -> None:
    data = "\n".join(json.dumps(event, ensure_ascii=False) for event in events).encode("utf-8", "surrogatepass")
    assert read(data, size) == events
