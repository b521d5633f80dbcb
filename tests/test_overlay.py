"""Layers laid over each other: what is left to be seen, and what is wasted."""

import re

import pytest

from drydock.measures.contents import Contents, Entry, Sort
from drydock.measures.overlay import lay


def layer(*words: str) -> Contents:
    """A layer from `path 10` (a file), `path/` (a folder), `path@target` (a link), `path=target` (a hard link)."""
    return Contents("", tuple(entry(word) for word in words))


def entry(word: str) -> Entry:
    found = re.fullmatch(r"(?P<path>[^ @=]+?)(?:(?P<mark>[ @=])(?P<rest>.+)|(?P<folder>/))", word)
    assert found
    if found["folder"]:
        return Entry(found["path"], Sort.FOLDER)
    if found["mark"] == " ":
        return Entry(found["path"], Sort.FILE, int(found["rest"]))
    return Entry(found["path"], Sort.LINK if found["mark"] == "@" else Sort.HARD, target=found["rest"])


SEEN = [
    pytest.param([["a 1"], ["b 2"]], {"a": 1, "b": 2}, 0, id="files of two layers"),
    pytest.param([["a 1"], ["a 2"]], {"a": 2}, 1, id="a file overwritten"),
    pytest.param([["a 1"], ["a 2"], ["a 4"]], {"a": 4}, 3, id="a file overwritten twice"),
    pytest.param([["a 1"], ["a 2"], [".wh.a 0"]], {}, 3, id="overwritten, then deleted: each once"),
    pytest.param([["d/", "d/a 1", "d/b 2"], [".wh.d 0"]], {}, 3, id="a folder deleted"),
    pytest.param([["d/a 1"], [".wh.d 0"]], {}, 1, id="a folder deleted that no entry told of"),
    pytest.param([["d/", "d/a 1"], ["d/", "d/b 2"]], {"d/a": 1, "d/b": 2}, 0, id="a folder told of twice"),
    pytest.param([["d/", "d/a 1"], ["d/", "d/.wh..wh..opq 0", "d/b 2"]], {"d/b": 2}, 1, id="an opaque folder"),
    pytest.param([["d/", "d/a 1"], ["d/", "d/b 2", "d/.wh..wh..opq 0"]], {"d/b": 2}, 1, id="opaque, told of last"),
    pytest.param([["a 1"], ["a 2", ".wh.a 0"]], {"a": 2}, 1, id="a whiteout hides nothing of its own layer"),
    pytest.param([["d/", "d/a 1"], ["d 2"]], {"d": 2}, 1, id="a file in the place of a folder"),
    pytest.param([["d/", "d/e/f 1"], ["d@x"]], {}, 1, id="a link in the place of a folder"),
    pytest.param([["d 1"], ["d/", "d/a 2"]], {"d/a": 2}, 1, id="a folder in the place of a file"),
    pytest.param([["d@x"], ["d/a 2"]], {"d/a": 2}, 0, id="a folder that nothing tells of, in the place of a link"),
    pytest.param([["a 5", "b=a"]], {"a": 5}, 0, id="two names of one file count once"),
    pytest.param([["a 5", "b=a"], [".wh.a 0"]], {"b": 5}, 0, id="one of two names deleted"),
    pytest.param([["a 5", "b=a", "c=b"], [".wh.a 0", "c 1"]], {"b": 5, "c": 1}, 0, id="a name in between is left"),
    pytest.param([["a 5", "b=a"], [".wh.a 0", ".wh.b 0"]], {}, 5, id="both names deleted"),
    pytest.param([["a 5", "b=a"], ["a 6"]], {"a": 6, "b": 5}, 0, id="one of two names overwritten"),
    pytest.param([["a 1", "a 2"]], {"a": 2}, 1, id="twice in one archive: the last counts"),
    pytest.param([["a 1"], [".wh..wh.plnk 0"]], {"a": 1}, 0, id="what a store keeps for itself is no whiteout"),
    pytest.param([["a 1"], [".wh.b 0"]], {"a": 1}, 0, id="a whiteout of nothing"),
    pytest.param([["d/a 1"], [".wh.d 0"], ["d/b 2"]], {"d/b": 2}, 1, id="deleted and made again"),
]


@pytest.mark.parametrize(("layers", "left", "wasted"), SEEN)
def test_what_is_left_and_what_is_wasted(layers: list[list[str]], left: dict[str, int], wasted: int) -> None:
    tree = lay([layer(*words) for words in layers])
    assert {path: tree.bodies[at].size for at, path in tree.alive().items()} == left
    assert sum(body.size for body in tree.wasted()) == wasted
    whole = sum(one.size for words in layers for one in layer(*words).entries)
    assert sum(left.values()) + wasted == whole


@pytest.mark.parametrize(
    ("path", "real"),
    [
        pytest.param("lib/x/y", "usr/lib/x/y", id="a folder that is a link"),
        pytest.param("old/x", "usr/lib/x", id="a link to a link"),
        pytest.param("up/x", "usr/lib/x", id="relative, from below"),
        pytest.param("usr/share/x", "usr/share/x", id="no link"),
        pytest.param("lib", "lib", id="the last part is not followed"),
        pytest.param("round/x", "round/x", id="in a circle"),
    ],
)
def test_where_a_path_leads(path: str, real: str) -> None:
    tree = lay([layer("usr/lib/x/y 1", "lib@usr/lib", "old@/lib", "usr/deep/", "up@usr/deep/../lib", "round@/round")])
    assert tree.real(path) == real
