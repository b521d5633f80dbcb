"""Which ignore lines are worth adding, and what each is said to save."""

import pytest

from drydock.measures import advice, ignore
from drydock.measures.advice import Line, Saving
from drydock.measures.asked import Request
from drydock.measures.inputs import Entry, Kind


def tree(*paths: str) -> list[Entry]:
    """Entries of 10 kB each, with their folders before them."""
    folders = {path[:at] for path in paths for at, sign in enumerate(path) if sign == "/"}
    found = [Entry(path, Kind.FOLDER) for path in folders] + [Entry(path, Kind.FILE, 10_000) for path in paths]
    return sorted(found, key=lambda one: one.path)


def lines(*paths: str, asks: tuple[str, ...] = ("/",), ignored: str = "", unversioned: str = "") -> dict[str, Line]:
    """The advice for a tree of which everything is sent."""
    requests = [Request("", path, 7 + number) for number, path in enumerate(asks)]
    found = advice.lines(tree(*paths), tree(*paths), requests, ignore.parse(ignored), unversioned.split())
    return {one.pattern: one for one in found}


@pytest.mark.parametrize(
    ("paths", "patterns"),
    [
        ((".git/HEAD", "a"), [".git"]),
        (("web/node_modules/x/i.js", "web/a"), ["web/node_modules"]),
        (("a/__pycache__/x.pyc", "b/__pycache__/x.pyc"), ["**/__pycache__"]),
        (("mine/pyvenv.cfg", "mine/bin/python"), ["mine"]),
        ((".env", ".env.example", "config/id_rsa", "id_rsa.pub"), [".env", "config/id_rsa"]),
        (("node_modules/x/.env", "node_modules/x/node_modules/y"), ["node_modules"]),
        (("x.egg-info/top", "[a]/.venv/b"), [r"\[a]/.venv", "x.egg-info"]),
        (("src/app.py", "environment.ts", "keys.py"), []),
    ],
)
def test_what_has_no_place_in_a_context_is_named_once(paths: tuple[str, ...], patterns: list[str]) -> None:
    found = lines(*paths)
    assert sorted(found) == sorted(patterns)
    rules = ignore.parse("\n".join(found))
    assert all(rules.matches(path) for path in paths if path.partition("/")[0] in found)


def test_a_folder_that_may_be_source_needs_git_to_ignore_it() -> None:
    assert lines("dist/x") == {}
    assert list(lines("dist/x", unversioned="dist")) == ["dist"]


@pytest.mark.parametrize("asks", ["dist", "dist/x", "*/x", "d*/", "di[s]t/x", "dist/*.whl"])
def test_what_is_asked_for_by_name_is_never_hidden(asks: str) -> None:
    assert lines("dist/x", asks=("/", asks), unversioned="dist") == {}


@pytest.mark.parametrize("asks", ["/", "*", "/src", "src/*"])
def test_what_only_lies_in_what_is_asked_for_is_hidden(asks: str) -> None:
    assert list(lines("src/__pycache__/x", asks=(asks,))) == ["src/__pycache__"]


def test_where_one_of_a_name_is_needed_the_others_are_hidden_by_their_paths() -> None:
    found = lines("a/.cache/x", "b/.cache/x", "c/.cache/x", asks=("/", "/a/.cache"))
    assert sorted(found) == ["b/.cache", "c/.cache"]


def test_what_a_line_shows_on_purpose_stays_visible() -> None:
    assert lines(".env", ignored="*\n!.env\n") == {}


def test_each_line_says_what_it_saves() -> None:
    found = lines(".git/HEAD", ".env", asks=("/",))
    assert (found[".git"].savings, found[".git"].bytes) == ((Saving.TRANSFER, Saving.MISSES), 10_000)
    assert advice.words(found[".git"]) == "transfer, and a needless miss of line 7 at each change"
    assert advice.words(found[".env"]) == "keeps a secret out that line 7 sends"


def test_what_no_line_asks_for_saves_nothing_unless_it_is_secret() -> None:
    requests = [Request("", "/src", 2)]
    found = advice.lines(tree(".git/HEAD", ".env", "src/a"), tree("src/a"), requests, ignore.Ignore())
    assert [(one.pattern, one.files, one.read_by) for one in found] == [(".env", 0, ())]
    assert advice.words(found[0]) == "keeps a secret out of reach; sent by no line"


def test_a_file_of_hardly_any_content_costs_misses_alone() -> None:
    empty = [Entry("Dockerfile", Kind.FILE, 900)]
    (found,) = advice.lines(empty, empty, [Request("", "/", 2)], ignore.Ignore())
    assert found.savings == (Saving.MISSES,)
    assert advice.words(found) == "a needless miss of line 2 at each change; next to no transfer"


def test_a_key_is_known_by_what_it_holds_and_the_gravest_comes_first() -> None:
    entries = tree(".git/a", ".git/b", "ca.pem", "server.pem")
    found = advice.lines(entries, entries, [Request("", "/", 2)], ignore.Ignore(), secrets={"server.pem"})
    assert [one.pattern for one in found] == ["server.pem", ".git"]
