"""The examples on each rule's page hold: what is bad is found, what is good is left alone."""

import pytest

from drydock import rules
from drydock.audit import auditing, examples
from drydock.audit.examples import Example
from drydock.audit.rule import Rule

CASES = [(rule, example) for rule in rules.RULES for example in examples.of(rule)]


def named(value: Rule | Example) -> str:
    return value.code if isinstance(value, Rule) else ("bad" if value.bad else "good")


@pytest.mark.parametrize(("rule", "example"), CASES, ids=named)
def test_bad_is_found_and_good_is_left_alone(rule: Rule, example: Example) -> None:
    found = auditing.run(example.repository, [rule])
    assert {finding.code for finding in found} == ({rule.code} if example.bad else set())


@pytest.mark.parametrize("rule", rules.RULES, ids=named)
def test_a_page_says_what_and_why_and_shows_both(rule: Rule) -> None:
    assert rule.summary.endswith(".")
    assert {example.bad for example in examples.of(rule)} == {True, False}


def test_the_table_is_in_order_and_holds_each_rule_once() -> None:
    codes = [rule.code for rule in rules.RULES]
    assert codes == sorted(set(codes))
