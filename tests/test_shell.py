"""Commands of a RUN are read as a shell reads them, and each word knows its place in the file."""

import pytest

from drydock import dockerfile
from drydock.audit import shell


def lines(run: str, start: str = "FROM a\n") -> list[str]:
    one = dockerfile.parse(start + run).stages[0].instructions[-1]
    return [command.line for command in shell.commands(one)]


@pytest.mark.parametrize(
    ("run", "expected"),
    [
        ("RUN a b && c; d || e | f", ["a b", "c", "d", "e", "f"]),
        ("RUN --mount=type=cache,target=/x --network=none a", ["a"]),
        ("RUN a \\\n  # a comment\n  b \\\n\n  c", ["a b c"]),
        ("RUN  \\\n a", ["a"]),
        ("RUN a 'b c' \"d e\" f\\ g", ["a b c d e f g"]),
        ("RUN a > /dev/null 2>&1 && b", ["a", "b"]),
        ("RUN a $(b | c) `d; e` f", ["a $(b | c) `d; e` f"]),
        ('RUN sh -c "a && b"', ["a", "b"]),
        ("RUN bash -lc 'a; b' && c", ["a", "b", "c"]),
        ("RUN if [ -f x ]; then a; else b; fi", ["[ -f x ]", "a", "b"]),
        ("RUN { a; b; } && (c)", ["a", "b", "c"]),
        ("RUN X=1 sudo -E a b", ["a b"]),
        ('RUN ["a", "b c"]', ["a b c"]),
        ("RUN <<EOF\na\nb # no\n# c\nEOF", ["a", "b"]),
        ("RUN bash <<'EOF' && c\na\nEOF", ["bash", "c", "a"]),
        ("RUN <<EOF\n#!/usr/bin/env python3\nimport os\nEOF", []),
        ("RUN cat <<EOF > /x\npip install y\nEOF", ["cat"]),
        ("RUN a '", ["a '"]),
        ('RUN a "', ['a "']),
        ("RUN a $", ["a $"]),
    ],
)
def test_commands_are_told_apart(run: str, expected: list[str]) -> None:
    assert lines(run) == expected


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["unix", "windows"])
def test_words_are_slices_of_the_file(newline: str) -> None:
    text = newline.join(
        ["FROM a", "RUN --mount=type=cache,target=/x \\", "  # no", "  one two && \\", "  sh -c 'three four'"]
    )
    one = dockerfile.parse(text).stages[0].instructions[1]
    words = [word for command in shell.commands(one) for word in command.words]
    assert [text[word.start : word.end] for word in words] == [word.text for word in words]
    assert text[shell.body_start(one, "\\") :].startswith("one two")


def test_a_command_knows_what_joins_it() -> None:
    one = dockerfile.parse("FROM a\nRUN a && b ; c").stages[0].instructions[1]
    assert [(command.before, command.after) for command in shell.commands(one)] == [("", "&&"), ("&&", ";"), (";", "")]


def test_the_escape_character_of_the_file_folds_lines() -> None:
    file = dockerfile.parse("# escape=`\nFROM a\nRUN a `\n  b\\c")
    assert [one.line for one in shell.commands(file.stages[0].instructions[1], file.escape)] == ["a bc"]


@pytest.mark.parametrize("sign", ["'", '"', "$(", "`", "\\\n", "${", "<<", "#"])
def test_long_odd_scripts_take_linear_time(sign: str) -> None:
    assert shell.script("a " + sign * 20_000) is not None
