"""Manifests of files: written, chosen from, compared; and what is hidden in them."""

from collections.abc import Sequence

import pytest

from drydock.causes import manifest, veil
from drydock.causes.manifest import Change, Difference, File, Manifest
from drydock.causes.veil import Seal

SEAL = Seal(b"k")


def files(**told: str) -> Manifest:
    """Files by path, with `_` for `/`: content, or content:mode, or content:mode:kind."""
    found = {}
    for name, words in told.items():
        content, mode, kind = (words.split(":") + ["644", "file"][len(words.split(":")) - 1 :])[:3]
        path = name.replace("_", "/")
        found[path] = File(path, kind, int(mode, 8), content)
    return found


@pytest.mark.parametrize(
    ("before", "after", "found"),
    [
        pytest.param(files(a="1"), files(a="1"), (), id="same"),
        pytest.param(files(a="1"), files(a="2"), (Difference("a", Change.CONTENT),), id="content"),
        pytest.param(files(a="1:644"), files(a="1:755"), (Difference("a", Change.MODE),), id="mode"),
        pytest.param(files(a="1:644"), files(a="2:755"), (Difference("a", Change.CONTENT),), id="content before mode"),
        pytest.param(files(a="1"), files(a="1:644:folder"), (Difference("a", Change.KIND),), id="kind"),
        pytest.param(files(a="1:0:link"), files(a="2:0:link"), (Difference("a", Change.TARGET),), id="link"),
        pytest.param(files(), files(a="1"), (Difference("a", Change.ADDED),), id="added"),
        pytest.param(files(a="1"), files(), (Difference("a", Change.REMOVED),), id="removed"),
        pytest.param(files(a="1"), files(b="1"), (Difference("b", Change.RENAMED, "a"),), id="renamed"),
        pytest.param(
            files(d="-:0:folder"), files(e="-:0:folder"),
            (Difference("e", Change.ADDED), Difference("d", Change.REMOVED)),
            id="folders have nothing to be known again by",
        ),
        pytest.param(
            files(a="1", x="0"), files(a="2", b="3"),
            (Difference("a", Change.CONTENT), Difference("b", Change.ADDED), Difference("x", Change.REMOVED)),
            id="changed, then added, then removed",
        ),
    ],
)  # fmt: skip
def test_differences(before: Manifest, after: Manifest, found: tuple[Difference, ...]) -> None:
    assert manifest.differences(before, after) == found


@pytest.mark.parametrize("path", ["a", "a b", " ", "a\nb", "é", "\udcff", "x 1 2 3"])
def test_a_manifest_is_read_back_with_any_path(path: str) -> None:
    held = {path: File(path, "file", 0o4755, "h"), "z": File("z", "folder", 0, "-")}
    assert manifest.read(manifest.write(held.values())) == held


def test_no_files_are_a_manifest_as_well() -> None:
    assert manifest.read(manifest.write([])) == {}


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        pytest.param(["/"], ["a", "d", "d/x", "d/y/z", "dd"], id="everything"),
        pytest.param(["/d"], ["d", "d/x", "d/y/z"], id="a folder and no namesake"),
        pytest.param(["d/"], ["d", "d/x", "d/y/z"], id="as it may be written"),
        pytest.param(["/d/x", "/a"], ["a", "d/x"], id="files"),
        pytest.param(["/d*"], ["d", "d/x", "d/y/z", "dd"], id="a wildcard and what lies below"),
        pytest.param(["/*/x"], ["d/x"], id="a wildcard above"),
        pytest.param(["/none"], [], id="nothing"),
    ],
)
def test_the_paths_that_are_chosen(wanted: Sequence[str], found: list[str]) -> None:
    assert manifest.chosen(["a", "d", "d/x", "d/y/z", "dd"], wanted) == found


@pytest.mark.parametrize(
    "pair",
    [
        ("API_TOKEN", "abc"), ("npm_token", "abc"), ("DB_PASSWORD", "abc"), ("PG_PASS", "abc"),
        ("SECRET", "abc"), ("AWS_SECRET_ACCESS_KEY", "abc"), ("SIGNING_KEY", "abc"), ("apikey", "abc"), ("KEY", "abc"),
        ("DATABASE_URL", "postgres://me:pw@host/db"), ("X", "-----BEGIN PRIVATE KEY-----"),
        ("X", "ghp_0123456789abcdef"),
        ("Y", "0123456789abcdef0123456789abcdef"),
    ],
)  # fmt: skip
def test_what_looks_secret(pair: tuple[str, str]) -> None:
    assert veil.is_secret(*pair)


@pytest.mark.parametrize(
    "pair",
    [
        ("VERSION", "3.12"), ("AUTHOR", "me"), ("KEYBOARD", "de"), ("PUBLIC_API_BASE_URL", "http://localhost:5001"),
        ("PATH", "/usr/local/bin:/usr/bin"), ("PYTHONUNBUFFERED", "1"), ("COMPASS", "north"),
    ],
)  # fmt: skip
def test_what_does_not(pair: tuple[str, str]) -> None:
    assert not veil.is_secret(*pair)


def test_a_veil_hides_a_value_wherever_it_stands_and_names_whose_it_is() -> None:
    over = veil.over([("TOKEN", "abcdef"), ("TOKEN_2", 'ab"cdef'), ("DEBUG_TOKEN", "true"), ("PIN", "1"), ("A", "b")])
    text = 'curl -H abcdef, {"x": "ab\\"cdef"} && true 1 b'
    assert over.hide(text) == 'curl -H $TOKEN, {"x": "$TOKEN_2"} && true 1 b'


def test_hashes_say_nothing_without_the_key() -> None:
    assert SEAL.of("a") == SEAL.of(b"a")
    assert SEAL.of("a") != Seal(b"other").of("a")
    assert SEAL.name == Seal(b"k").name
