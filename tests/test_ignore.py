"""Ignore files, line by line. That the engine thinks the same is shown in tests/engine/test_context.py."""

import pytest

from drydock.errors import Misuse
from drydock.measures import ignore


@pytest.mark.parametrize(
    ("text", "left_out", "visible"),
    [
        ("a", ["a", "a/b", "a/b/c"], ["b/a", "ab"]),
        ("/a", ["a", "a/b"], ["b/a"]),
        ("./a//b/../c/", ["a/c", "a/c/d"], ["a", "a/b"]),
        ("**/a", ["a", "x/a", "x/y/a", "x/a/b"], ["xa", "ax"]),
        ("a/**", ["a/b", "a/b/c"], ["a", "b/a"]),
        ("*", ["a", "a/b"], []),
        ("*.txt", ["b.txt", ".txt"], ["a/b.txt", "txt"]),
        ("a/*/c", ["a/b/c", "a/b/c/d"], ["a/c", "a/b/b/c"]),
        ("a/**/c", ["a/c", "a/b/c", "a/b/b/c"], ["c", "a/bc"]),
        ("?", ["a", "a/b"], ["ab"]),
        ("[ab]c", ["ac", "bc"], ["cc", "abc"]),
        ("[^a]c", ["bc"], ["ac"]),
        (r"\*", ["*"], ["a"]),
        ("a\n!a", [], ["a", "a/b"]),
        ("a\n!a/b", ["a", "a/c"], ["a/b", "a/b/c"]),
        ("!a/b\na", ["a", "a/b"], ["c"]),
        ("*\n!*.md\nx.md", ["a", "x.md"], ["y.md"]),
        ("  a  \r\n\r\n#b\n # c", ["a", "# c"], ["b", "#b"]),
        ("\ufeffa", ["a"], []),
        ("a+b.c", ["a+b.c"], ["aab.c", "a+bxc"]),
        ("x^y\nz^*", ["x^y"], ["z^y"]),  # a hat among wildcards matches nothing: the engine's oddity
        ("a\n!a/x\na", ["a", "a/y"], ["a/x"]),  # the last line is not looked at again below: an oddity as well
    ],
)
def test_the_last_pattern_that_matches_decides(text: str, left_out: list[str], visible: list[str]) -> None:
    rules = ignore.parse(text)
    assert [path for path in left_out if not rules.matches(path)] == []
    assert [path for path in visible if rules.matches(path)] == []


@pytest.mark.parametrize(
    ("text", "folder", "reaches"),
    [
        ("a", "a", False),
        ("a\n!a/b", "a", True),
        ("a\n!b", "a", False),
        ("*\n!**/keep", "node_modules", True),
        ("*\n!*.md", "node_modules", False),
        ("*\n!src/*.md", "src", True),
        ("*\n!src/*.md", "node_modules", False),
        ("*\n!*/b/c", "a/b", True),
        ("*\n!*/b/c", "a/c", False),
    ],
)
def test_a_folder_left_out_is_entered_only_where_a_line_may_take_something_back(
    text: str, folder: str, reaches: bool
) -> None:
    assert ignore.parse(text).takes_back_below(folder) is reaches


@pytest.mark.parametrize("line", ["[a", "a\\", "[a-]", "[]", "!", "[z-a]"])
def test_a_line_that_is_no_pattern_is_told_with_its_number(line: str) -> None:
    with pytest.raises(Misuse, match=r"^x/\.dockerignore:2: "):
        ignore.parse(f"good\n{line}\n", "x/.dockerignore")


def test_a_state_handed_down_says_the_same_as_a_question_from_the_top() -> None:
    rules = ignore.parse("a\n!a/b\n**/c\na/b/d*\n")
    _, above = rules.judge("a")
    for name in ("b", "c", "x"):
        assert rules.judge(f"a/{name}", above)[0] is rules.matches(f"a/{name}")
