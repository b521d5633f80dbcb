"""What decides an image beside its steps, and what of it cannot be told."""

from pathlib import Path
from typing import Any

import pytest

from drydock import dockerfile
from drydock.causes import reading, whole
from drydock.causes.reading import Given
from drydock.causes.veil import Seal
from drydock.causes.whole import Orders
from drydock.config import Image

SEAL = Seal(b"key")
TEXT = "FROM scratch\nCOPY a /a\n"


def image(**words: Any) -> Image:
    return Image("web", Path("/shop/web"), Path("/shop/web/Dockerfile"), **{"tag": "web:1", **words})


def facts(made: Image | None = None, text: str = TEXT, platforms: tuple[str, ...] = (), **orders: Any) -> object:
    return whole.facts(made or image(), dockerfile.parse(text), Orders(Path("/shop"), **orders), platforms, SEAL)


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"text": f"{TEXT}# a comment\n"}, id="a comment"),
        pytest.param({"text": f"{TEXT}CMD one\n"}, id="an instruction that is no step"),
        pytest.param({"platforms": ("linux/arm64",)}, id="platform"),
        pytest.param({"output": "push"}, id="where it goes"),
        pytest.param({"cache_to": ("type=inline",)}, id="where its cache goes"),
        pytest.param({"dated": "1"}, id="how it is dated"),
        pytest.param({"upon": {"low": "x"}}, id="what it is built upon"),
        *(
            pytest.param({"made": image(**words)}, id=next(iter(words)))
            for words in (
                {"tag": "web:2"},
                {"tags": ("web:2",)},
                {"target": "app"},
                {"args": {"UNDECLARED": "1"}},
                {"labels": {"a": "b"}},
                {"secrets": {"token": "env=TOKEN"}},
                {"ssh": ("default",)},
                {"network": "none"},
                {"cache_to": ("type=inline",)},
            )
        ),
    ],
)
def test_each_of_these_is_a_fact_of_its_own(other: dict[str, Any]) -> None:
    assert facts(**other) != facts()


def test_a_path_counts_from_the_root_of_the_repository() -> None:
    here, there = ({"token": f"src={root}/token"} for root in ("/shop", "/copy"))
    copied = whole.facts(image(secrets=there), dockerfile.parse(TEXT), Orders(Path("/copy")), (), SEAL)
    assert copied == facts(image(secrets=here))


def test_a_value_that_looks_secret_is_not_shown() -> None:
    assert "hunter2" not in str(facts(image(args={"API_TOKEN": "hunter2"})))


@pytest.mark.parametrize(
    ("text", "words", "count"),
    [
        pytest.param(TEXT, {}, 0, id="nothing"),
        pytest.param("FROM scratch\nADD https://example.org/a /a\n", {}, 1, id="an address"),
        pytest.param("FROM scratch\nADD git@example.org:a.git /a\n", {}, 1, id="a repository"),
        pytest.param("FROM scratch\nARG A\nADD $A /a\n", {}, 1, id="what may be an address"),
        pytest.param("FROM scratch\nADD a.tar /a\n", {}, 0, id="an archive"),
        pytest.param("FROM scratch AS a\nONBUILD ADD https://example.org/a /a\nFROM a\n", {}, 1, id="triggered"),
        pytest.param(f"# syntax=docker/dockerfile:1\n{TEXT}", {}, 1, id="another frontend"),
        pytest.param(f"# a comment\n#  syntax = docker/dockerfile:1\n{TEXT}", {}, 1, id="below a comment"),
        pytest.param(f"# syntax=docker/dockerfile@sha256:0\n{TEXT}", {}, 0, id="a pinned one"),
        pytest.param(f"{TEXT}# syntax=docker/dockerfile:1\n", {}, 0, id="no directive where it stands"),
        pytest.param(TEXT, {"args": {"BUILDKIT_SYNTAX": "a/b"}}, 1, id="one by argument"),
        pytest.param("FROM scratch\nCOPY --from=x a /\n", {"contexts": {"x": "docker-image://a:1"}}, 1, id="an image"),
        pytest.param("FROM scratch\nCOPY --from=x a /\n", {"contexts": {"x": "target:a"}}, 0, id="one built here"),
        pytest.param("FROM scratch\nCOPY --from=x a /\n", {"contexts": {"x": "/shop/x"}}, 0, id="a folder"),
        pytest.param("FROM x\n", {"contexts": {"x": "docker-image://a@sha256:0"}}, 0, id="a pinned image"),
    ],
)
def test_what_cannot_be_told_is_said(text: str, words: dict[str, Any], count: int) -> None:
    made, file = image(**words), dockerfile.parse(text)
    steps = reading.read(file, Given(None, made.args, made.contexts), SEAL)
    assert len([*whole.untold(made, file, steps, ("linux/amd64",))]) == count


def test_of_several_platforms_one_is_recorded() -> None:
    file = dockerfile.parse(TEXT)
    assert [*whole.untold(image(), file, (), ("linux/amd64", "linux/arm64"))]
