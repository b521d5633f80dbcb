"""What a Dockerfile asks of its contexts."""

import pytest

from drydock import dockerfile
from drydock.errors import Misuse
from drydock.measures import asked


def wanted(text: str, target: str | None = None, **given: str) -> list[tuple[str, str, int]]:
    file = dockerfile.parse(text)
    return [(one.context, one.path, one.line) for one in asked.requests(file, target, given, {"Tests": "/t"})]


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ("COPY a b/ /x", [("", "/a", 2), ("", "/b", 2)]),
        ("COPY . .", [("", "/", 2)]),
        ("COPY ./a/../b /x", [("", "/b", 2)]),
        ("COPY ../a /x", [("", "/a", 2)]),
        ('COPY ["a b", "/x"]', [("", "/a b", 2)]),
        ("ADD a https://somewhere/file git@somewhere:x/y.git /x", [("", "/a", 2)]),
        ("COPY <<EOF b /x/\ntext\nEOF", [("", "/b", 2)]),
        ("COPY --from=alpine a /x", []),
        ("COPY --from=tests a /x", [("Tests", "/a", 2)]),
        ("RUN --mount=type=bind,source=a,target=/a true", [("", "/a", 2)]),
        ("RUN --mount=target=/a true", [("", "/", 2)]),
        ("RUN --mount=type=bind,from=tests,src=a,target=/a true", [("Tests", "/a", 2)]),
        ("RUN --mount=type=cache,target=/a --mount=type=secret,id=a true", []),
        ("ENV A=a B=b\nENV C=$A/$B\nCOPY $C ${D:-d} /x", [("", "/a/b", 4), ("", "/d", 4)]),
        ("COPY $A /x\nENV A=a", [("", "/", 2)]),
        ("ARG A=a\nCOPY $A /x", [("", "/a", 3)]),
        ("ARG GIVEN=a\nCOPY $GIVEN /x", [("", "/given", 3)]),
        ("COPY $GIVEN /x", [("", "/", 2)]),
    ],
)
def test_the_paths_that_a_stage_asks_for(lines: str, found: list[tuple[str, str, int]]) -> None:
    assert wanted(f"FROM scratch\n{lines}\n", GIVEN="given") == found


def test_only_stages_on_the_way_to_the_target_ask() -> None:
    text = "FROM scratch AS a\nCOPY a /\nFROM scratch AS b\nCOPY b /\nFROM a\nCOPY --from=a c /\nCOPY d /\n"
    assert wanted(text) == [("", "/a", 2), ("", "/d", 7)]
    assert wanted(text, "b") == [("", "/b", 4)]


def test_a_stage_begins_with_the_variables_of_the_one_it_rests_on() -> None:
    text = "ARG WHERE=outer\nFROM scratch AS a\nARG WHERE\nENV X=$WHERE/x\nFROM a\nCOPY $X /\n"
    assert wanted(text) == [("", "/outer/x", 6)]


def test_what_a_stage_leaves_to_be_done_is_asked_by_the_next_one() -> None:
    assert wanted("FROM scratch AS a\nONBUILD COPY late /\nFROM a\n") == [("", "/late", 2)]


def test_a_context_that_takes_the_place_of_a_base_is_asked_for_whole() -> None:
    assert wanted("FROM tests\nCOPY --from=tests a /\n") == [("Tests", "/", 1), ("Tests", "/a", 2)]


def test_a_variable_that_cannot_be_read_is_told_with_its_line() -> None:
    with pytest.raises(Misuse, match=r"^Dockerfile:2: "):
        wanted("FROM scratch\nCOPY ${A /x\n")


def test_the_platform_is_known_as_in_a_build() -> None:
    known = asked.platform(["linux/arm64/v8", "linux/amd64"])
    assert (known["TARGETPLATFORM"], known["BUILDARCH"], known["TARGETVARIANT"]) == ("linux/arm64/v8", "arm64", "v8")
    assert asked.platform([]) == {}
