"""Which instruction and stage each layer comes from."""

import pytest

from drydock import dockerfile
from drydock.measures import stages
from drydock.measures.layers import Layer
from drydock.measures.stages import Made, Origin

FILE = dockerfile.parse("""\
FROM python:3 AS builder
RUN make
FROM python:3 AS app
WORKDIR /srv
COPY --from=builder --link /opt /opt
COPY --from=busybox /bin/sh \\
    /bin/sh
FROM app
ENV A=1
COPY . ./
COPY --from=0 x /x/
""")
BASE = [Made("ADD root.tar / # buildkit", 9), Made('CMD ["bash"]', 0)]
OWN = [
    Made("WORKDIR /srv", 0),
    Made("COPY /opt /opt # buildkit", 5),
    Made("COPY /bin/sh /bin/sh # buildkit", 5),
    Made("ENV A=1", 0),
    Made("COPY . ./ # buildkit", 7),
    Made("COPY x /x/ # buildkit", 7),
]
IDS = tuple("abcdef")
KNOWN = {name: Layer(name, 10, 5) for name in IDS}


def test_layers_are_told_as_the_dockerfile_has_them() -> None:
    found = stages.shares(IDS, 1, KNOWN, [*BASE, *OWN], Origin(FILE))
    assert [(one.stage, one.line, one.base, one.instruction) for one in found] == [
        ("", None, True, "ADD root.tar / # buildkit"),
        ("app", 4, False, "WORKDIR /srv"),
        ("builder", 5, False, "COPY --from=builder --link /opt /opt"),
        ("busybox", 6, False, "COPY --from=busybox /bin/sh /bin/sh"),
        ("2", 10, False, "COPY . ./"),
        ("builder", 11, False, "COPY --from=0 x /x/"),
    ]


def test_an_image_made_from_another_dockerfile_is_told_as_it_says_itself() -> None:
    other = dockerfile.parse("FROM python:3\nRUN other\nCOPY x /x/\n")
    found = stages.shares(IDS, 1, KNOWN, [*BASE, *OWN], Origin(other))
    assert [(one.stage, one.line) for one in found][-2:] == [("unknown", None), ("0", 3)]
    assert found[-2].instruction == "COPY . ./ # buildkit"


def test_without_a_history_that_fits_only_the_dockerfile_tells() -> None:
    found = stages.shares(IDS, 1, KNOWN, BASE, Origin(FILE))
    assert [one.stage for one in found] == ["", "app", "builder", "busybox", "2", "builder"]
    assert found[0].instruction == ""
    assert [one.stage for one in stages.shares(IDS, 1, KNOWN, BASE, Origin())] == ["", *["unknown"] * 5]


@pytest.mark.parametrize(
    ("history", "count", "texts"),
    [
        pytest.param([Made("", 9), Made("RUN a", 1)], 2, ["", "RUN a"], id="an imported base says nothing"),
        pytest.param([Made("RUN a", 1), Made("RUN b", 0)], 2, ["RUN a", "RUN b"], id="a layer in which nothing is"),
        pytest.param([Made("RUN a", 1), Made("WORKDIR /b", 0)], 1, ["RUN a"], id="one that the builder left out"),
        pytest.param([Made("RUN a", 1), Made("RUN b", 2)], 1, [], id="more than there are layers"),
        pytest.param([Made("ENV a=1", 0), Made("USERADD", 1)], 1, ["USERADD"], id="a word that only begins alike"),
        pytest.param(
            [
                Made('/bin/sh -c #(nop)  CMD ["x"]', 0),
                Made("/bin/sh -c make", 3),
                Made("/bin/sh -c #(nop) ADD a in /", 3),
            ],
            2,
            ["RUN make", "ADD a in /"],
            id="the classic builder",
        ),
    ],
)
def test_lines_of_history_that_made_layers(history: list[Made], count: int, texts: list[str]) -> None:
    assert [made.text for made in stages.layered(history, count)] == texts


@pytest.mark.parametrize(
    ("line", "text"),
    [
        pytest.param("RUN |1 TOKEN=abc /bin/sh -c make # buildkit", "RUN /bin/sh -c make # buildkit", id="BuildKit"),
        pytest.param("|1 TOKEN=abc /bin/sh -c make", "RUN make", id="the classic builder"),
        pytest.param("RUN |2 A=b c\nd TOKEN=abc d /bin/sh -c make", "RUN /bin/sh -c make", id="values with blanks"),
        pytest.param("|1 TOKEN=/bin/sh -c abc /bin/sh -c make", "RUN make", id="a value like a command"),
        pytest.param(
            "RUN |1 TOKEN=abc /bin/bash -o pipefail -c make", "RUN /bin/bash -o pipefail -c make", id="another shell"
        ),
        pytest.param("|1 TOKEN=abc /bin/bash -ec make", "RUN /bin/bash -ec make", id="another shell, classic"),
        pytest.param("RUN |1 TOKEN=abc make all", "RUN ...", id="no shell"),
        pytest.param("|1 TOKEN=abc make all", "RUN ...", id="no shell, classic"),
        pytest.param("RUN |0 /bin/sh -c make", "RUN /bin/sh -c make", id="none"),
    ],
)
def test_no_value_of_a_build_argument_is_kept_of_the_history(line: str, text: str) -> None:
    assert [made.text for made in stages.layered([Made(line, 1)], 1)] == [text]
    assert [one.instruction for one in stages.shares(IDS[:1], 1, KNOWN, [Made(line, 1)], Origin())] == [text]


def test_the_lines_of_own_layers_are_known_only_if_their_number_fits() -> None:
    assert stages.lines(Origin(FILE), 5) == (4, 5, 6, 10, 11)
    assert stages.lines(Origin(FILE, "app"), 3) == (4, 5, 6)
    assert stages.lines(Origin(FILE, "app"), 2) == ()


def test_layers_below_are_found_where_an_argument_names_the_stage() -> None:
    file = dockerfile.parse("ARG ON=one\nFROM a AS one\nRUN x\nFROM a AS other\nRUN y\nFROM $ON\nRUN z\n")
    assert stages.lines(Origin(file), 2) == (3, 7)
    assert stages.lines(Origin(file, None, {"ON": "other"}), 2) == (5, 7)
