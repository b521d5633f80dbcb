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


def test_a_veil_hides_a_value_wherever_it_stands_and_names_whose_it_is() -> None:
    over = veil.over([("TOKEN", "abcdef"), ("TOKEN_2", 'ab"cdef'), ("DEBUG_TOKEN", "true"), ("PIN", "1"), ("A", "b")])
    text = 'curl -H abcdef, {"x": "ab\\"cdef"} && true 1 b'
    assert over.hide(text) == 'curl -H $TOKEN, {"x": "$TOKEN_2"} && true 1 b'


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("COPY . /srv/app/ # 300", "COPY . /srv/app/ # 300", id="no secret by its name"),
        pytest.param("apt-get install postgresql-16", "apt-get install postgresql-16", id="inside a word"),
        pytest.param("PGPASSWORD=postgres psql", "PGPASSWORD=$DB_PASSWORD psql", id="alone"),
        pytest.param("mysql -ppostgres", "mysql -p$DB_PASSWORD", id="behind an option"),
        pytest.param('"a\\npostgres"', '"a\\n$DB_PASSWORD"', id="behind a new line in JSON"),
        pytest.param("\x1b[31mpostgres\x1b[0mpostgres", "\x1b[31m$DB_PASSWORD\x1b[0m$DB_PASSWORD", id="in colour"),
        pytest.param("xhunter22x", "x$API_TOKENx", id="a long one anywhere"),
        pytest.param("echo 123 12345 9123", "echo 123 $PIN 9123", id="numbers"),
        pytest.param("curl DB_PASSWORD-hunter22", "curl $LONG_KEY", id="the longest first, names as they are"),
        pytest.param("MIIEvQIBADANBgkqhkiG", "$SSH_KEY", id="one line of many"),
    ],
)
def test_a_veil_leaves_ordinary_text_as_it_is(text: str, shown: str) -> None:
    over = veil.over([
        ("TOKEN_TTL", "300"), ("SESSION_COOKIE_NAME", "app"), ("DB_PASSWORD", "postgres"), ("API_TOKEN", "hunter22"),
        ("SHORT_PIN", "123"), ("PIN", "12345"), ("LONG_KEY", "DB_PASSWORD-hunter22"),
        ("SSH_KEY", "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG\nx\n"), ("OTHER_SECRET", "API_TOKEN"),
    ])  # fmt: skip
    assert over.hide(text) == shown


def test_hashes_say_nothing_without_the_key() -> None:
    assert SEAL.of("a") == SEAL.of(b"a")
    assert SEAL.of("a") != Seal(b"other").of("a")
    assert SEAL.name == Seal(b"k").name
