"""Dockerfiles are read as BuildKit reads them, and every instruction knows its place."""

import pytest

from drydock import ancestry, dockerfile
from drydock.errors import Misuse

STAGED = """\
# made for a test
ARG PYTHON=3.12
ARG TAG=${PYTHON}-slim
FROM python:${TAG} AS Builder
RUN --mount=type=cache,target=/root/.cache/pip \\
    # a comment between the lines
    --mount=type=bind,from=ghost/tools:1,source=/x,target=/x,readonly \\
    pip install -r requirements.txt
FROM builder AS app
COPY --from=builder /opt /opt
COPY --from=0 /etc/x /etc/x
COPY --from=caddy:2 /usr/bin/caddy /usr/bin/caddy
FROM app AS test
COPY --from=tests . /tests
FROM alpine AS unused
FROM app
RUN <<END
echo one
END
CMD ["flask", "run"]
"""


def names(text: str, target: str | None = None, **given: str) -> list[str]:
    file = dockerfile.parse(text)
    return [one.name for one in ancestry.reachable(file, target, given, {"tests": "../tests"})[1]]


def test_each_instruction_is_a_slice_of_the_file() -> None:
    file = dockerfile.parse(STAGED)
    for one in file.instructions:
        assert STAGED[one.start : one.end] == one.text
        assert STAGED[: one.start].count("\n") + 1 == one.line
        assert STAGED[: one.end].count("\n") + 1 == one.end_line
        assert one.text.startswith(one.keyword)


@pytest.mark.parametrize("newline", ["\r\n", "\n"], ids=["windows", "unix"])
def test_newlines_and_odd_white_space_do_not_shift_places(newline: str) -> None:
    text = newline.join(["FROM a", "RUN echo \x0c \u2028 x", "CMD y"])
    assert [one.text for one in dockerfile.parse(text).instructions] == ["FROM a", "RUN echo \x0c \u2028 x", "CMD y"]


def test_stages_have_a_name_a_number_and_a_base() -> None:
    stages = dockerfile.parse(STAGED).stages
    assert [(stage.name, stage.index, stage.base) for stage in stages] == [
        ("builder", 0, "python:${TAG}"),
        ("app", 1, "builder"),
        ("test", 2, "app"),
        ("unused", 3, "alpine"),
        ("", 4, "app"),
    ]


@pytest.mark.parametrize(
    ("stage", "name", "numbered", "found"),
    [
        pytest.param(4, "APP", False, 1, id="a name in any case"),
        pytest.param(1, "app", False, None, id="a stage is not above itself"),
        pytest.param(1, "test", False, None, id="nor is one below"),
        pytest.param(4, "0", True, 0, id="a number where numbers count"),
        pytest.param(4, "0", False, None, id="which FROM does not know"),
        pytest.param(4, "", False, None, id="no name is not a stage without a name"),
    ],
)
def test_a_name_means_a_stage_above(stage: int, name: str, numbered: bool, found: int | None) -> None:
    file = dockerfile.parse(STAGED)
    other = file.earlier(file.stages[stage], name, numbered=numbered)
    assert (other.index if other else None) == found


def test_the_nearest_of_two_namesakes_is_meant() -> None:
    file = dockerfile.parse("FROM a AS b\nFROM b AS b\nFROM b")
    assert [stage.index for stage in ancestry.lineage(file, file.stages[-1], {})] == [2, 1, 0]


@pytest.mark.parametrize(
    ("given", "contexts", "found"),
    [
        pytest.param({}, (), [2, 0], id="the default of an argument names the stage"),
        pytest.param({"BELOW": "other"}, (), [2, 1], id="a build argument names another"),
        pytest.param({"BELOW": "alpine"}, (), [2], id="or an image from outside"),
        pytest.param({"BELOW": ""}, (), [2], id="nothing is named"),
        pytest.param({}, ("One",), [2], id="a named context takes its place"),
    ],
)
def test_a_stage_rests_on_what_its_from_names(
    given: dict[str, str], contexts: tuple[str, ...], found: list[int]
) -> None:
    file = dockerfile.parse("ARG BELOW=one\nFROM a AS one\nFROM a AS other\nFROM $BELOW")
    assert [stage.index for stage in ancestry.lineage(file, file.stages[-1], given, contexts)] == found


def test_here_documents_belong_to_their_instruction() -> None:
    run = dockerfile.parse(STAGED).stages[-1].instructions[1]
    assert (run.line, run.end_line) == (17, 19)
    assert run.heredocs == (dockerfile.Heredoc("END", "echo one\n"),)


def test_mounts_are_read_as_options() -> None:
    mounts = dockerfile.parse(STAGED).stages[0].instructions[1].mounts()
    assert mounts[0] == {"type": "cache", "target": "/root/.cache/pip"}
    assert mounts[1]["from"] == "ghost/tools:1"
    assert mounts[1]["readonly"] == "true"


@pytest.mark.parametrize(
    ("line", "settings"),
    [
        ("ENV A=1 B='x y' C=", (("A", "1"), ("B", "'x y'"), ("C", ""))),
        ("ENV A 1 2", (("A", "1 2"),)),
        ("LABEL a.b=c", (("a.b", "c"),)),
        ("ARG A B= C=$A", (("A", None), ("B", ""), ("C", "$A"))),
        ("RUN A=1", ()),
    ],
    ids=["several", "the old form", "a label", "arguments with and without default", "a command sets nothing"],
)
def test_settings_are_names_and_values_as_written(line: str, settings: tuple[tuple[str, str | None], ...]) -> None:
    assert dockerfile.parse(f"FROM a\n{line}").stages[0].instructions[1].settings() == settings


def test_a_variable_that_cannot_be_read_is_named_with_its_line() -> None:
    with pytest.raises(Misuse, match=r"Dockerfile:2: \$\{A cannot be read"):
        names("ARG A=1\nARG B=${A\nFROM $B")


def test_images_from_outside_are_those_the_target_reaches() -> None:
    assert names(STAGED) == ["caddy:2", "python:3.12-slim", "ghost/tools:1"]
    assert names(STAGED, "Builder") == ["python:3.12-slim", "ghost/tools:1"]
    assert names(STAGED, "unused") == ["alpine"]


def test_a_build_argument_wins_over_the_default_and_feeds_the_next() -> None:
    assert names(STAGED, "builder", PYTHON="3.11")[0] == "python:3.11-slim"
    assert names(STAGED, "builder", TAG="3.9")[0] == "python:3.9"


def test_a_build_argument_that_is_not_declared_is_not_seen() -> None:
    with pytest.raises(Misuse, match=r"Dockerfile:1: \$X is empty"):
        names("FROM $X", X="alpine")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("FROM scratch\nCOPY a /", []),
        ("FROM tests", []),
        ("FROM a AS b\nFROM b AS b\nCOPY x /", ["a"]),
        ("FROM --platform=$BUILDPLATFORM a:${BUILDARCH:-amd64}", ["a:amd64"]),
        ("ARG V\nFROM a:${V:-1}", ["a:1"]),
        ('FROM "a:1"', ["a:1"]),
        ("FROM 0", ["0"]),
        ("FROM a\nCOPY --from=A /x /x", ["a", "A"]),
    ],
    ids=[
        "scratch is no image",
        "a named context replaces an image",
        "a stage may take the name of an earlier one",
        "platform variables have defaults",
        "an argument without default takes the one in place",
        "quotes are taken off",
        "FROM knows no stage by number",
        "without an earlier stage of that name it is an image",
    ],
)
def test_what_is_external(text: str, expected: list[str]) -> None:
    assert names(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "has no FROM"),
        ("RUN x\nFROM a", "Dockerfile:1: RUN before the first FROM"),
        ("FROM a\nWHAT x", "Dockerfile:2: unknown instruction: WHAT"),
        ("FROM a\nRUN <<E\nx", "Dockerfile:2: unterminated heredoc"),
        ("FROM a b", "Dockerfile:1: FROM takes"),
    ],
    ids=["empty", "too early", "unknown", "unterminated", "words left over"],
)
def test_a_broken_file_is_named_with_its_line(text: str, message: str) -> None:
    with pytest.raises(Misuse, match=message) as caught:
        dockerfile.parse(text)
    assert caught.value.remedy


def test_an_unknown_target_is_named() -> None:
    with pytest.raises(Misuse, match="has no stage prod"):
        names(STAGED, "prod")
