"""Fixes leave every other byte alone, wait for one another, and are put back where they fail."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from drydock import rules
from drydock.audit import auditing, examples, fixing, tree
from drydock.audit.buildfile import Spot
from drydock.audit.examples import Example
from drydock.audit.finding import Finding, Found, Severity, mend
from drydock.audit.repository import Repository
from drydock.audit.rule import Rule, each_instruction
from drydock.audit.source import Edit, read

BAD = [(rule, example) for rule in rules.RULES for example in examples.of(rule) if example.bad]


def repository(text: str | bytes) -> Repository:
    return Repository(tree.of({"Dockerfile": text}))


def text(repository: Repository, path: str = "Dockerfile") -> str:
    return repository.tree.read(path).decode()


def ruled(*edits: tuple[str, str]) -> Rule:
    """A rule that finds these words in a RUN and puts others in their place."""

    def check(spot: Spot) -> Iterator[Found]:
        for old, new in edits:
            at = spot.one.text.find(old)
            if at >= 0:
                edit = Edit(spot.one.start + at, spot.one.start + at + len(old), new)
                yield spot.found(f"{old} is there", mend(spot.source, edit))

    return Rule("words", "Words.", Severity.NOTE, each_instruction(check, "RUN"))


@pytest.mark.parametrize(("rule", "example"), BAD, ids=lambda value: getattr(value, "code", ""))
def test_fixing_a_bad_example_mends_it_once_and_for_all(rule: Rule, example: Example) -> None:
    found = auditing.run(example.repository, [rule])
    unsafe = any(finding.fix and not finding.fix.safe for finding in found)
    fixed = fixing.fix(example.repository, [rule], unsafe=unsafe)
    if any(finding.fix for finding in found):
        assert not [finding for finding in fixed.left if finding.fix]
        assert fixed.mended
    again = fixing.fix(fixed.repository, [rule], unsafe=unsafe)
    assert not again.changed


def test_what_two_fixes_touch_is_mended_one_after_the_other() -> None:
    fixed = fixing.fix(repository("FROM a\nRUN one two\n"), [ruled(("one", "1"), ("one two", "1 2"), ("1 two", "1 2"))])
    assert text(fixed.repository) == "FROM a\nRUN 1 2\n"


def test_a_fix_after_which_the_file_does_not_parse_is_put_back() -> None:
    bad = ruled(("one", "1\nNOTHING"), ("two", "2"))
    fixed = fixing.fix(repository("FROM a\nRUN one or two\n"), [bad])
    assert text(fixed.repository) == "FROM a\nRUN one or 2\n"
    assert [finding.declined for finding in fixed.left] == ["its fix did not mend it, and was put back"]


def test_a_fix_that_changes_nothing_it_says_is_put_back() -> None:
    fixed = fixing.fix(repository("FROM a\nRUN one\n"), [ruled(("one", "one one"))])
    assert (fixed.changed, len(fixed.left)) == ((), 1)


def test_a_file_that_must_not_be_written_keeps_its_finding_with_the_reason() -> None:
    fixed = fixing.fix(repository("FROM a\nRUN one\n"), [ruled(("one", "1"))], refuse=lambda path: f"{path} is held")
    assert ([one.declined for one in fixed.left], fixed.changed) == (["Dockerfile is held"], ())


def test_an_unsafe_fix_waits_until_it_is_asked_for() -> None:
    def unsafe(spot: Spot) -> Iterator[Found]:
        for one in ruled(("one", "1")).check(repository(spot.source.text)):
            yield replace(one, fix=one.fix and replace(one.fix, safe=False))

    rule = Rule("unsafe", "Unsafe.", Severity.NOTE, each_instruction(unsafe, "RUN"))
    source = repository("FROM a\nRUN one\n")
    assert [one.declined for one in fixing.fix(source, [rule]).left] == [fixing.UNSAFE]
    assert text(fixing.fix(source, [rule], unsafe=True).repository) == "FROM a\nRUN 1\n"


@pytest.mark.parametrize(
    "data",
    [b"\xef\xbb\xbfFROM a\r\n# caf\xc3\xa9\r\nRUN one", "FROM a\nRUN one\n".encode("utf-16")],
    ids=["mark, windows newlines, no last newline", "utf-16"],
)
def test_encoding_mark_and_newlines_survive(data: bytes) -> None:
    fixed = fixing.fix(repository(data), [ruled(("one", "1\\\n 2"))])
    before, after = read("x", data), read("x", fixed.repository.tree.read("Dockerfile"))
    assert after.text == before.text.replace("one", "1\\\n 2".replace("\n", before.newline))
    assert (after.mark, after.encoding) == (before.mark, before.encoding)


def test_findings_come_in_the_order_of_files_and_lines() -> None:
    found: list[Finding] = list(auditing.run(repository("FROM a\nFROM b\nRUN pip install x\n"), rules.RULES))
    assert [finding.line for finding in found] == sorted(finding.line for finding in found)
