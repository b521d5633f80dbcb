"""The rules as a document: a table of all of them, then the page of each. Pure."""

from collections.abc import Sequence

from drydock.audit import auditing, examples
from drydock.audit.rule import Rule
from drydock.documents import blocks


def pages(rules: Sequence[Rule]) -> str:
    """Markdown: the table, a section for each rule, and what the audit says without a rule."""
    rows = [(f"[`{rule.code}`](#{rule.code})", rule.severity.value, rule.summary, fix(rule)) for rule in rules]
    rows += [(f"`{code}`", severity.value, words, "") for code, (severity, words) in auditing.OWN.items()]
    table = blocks.table(("rule", "severity", "what it finds", "fix"), rows)
    return "\n\n".join([table, *(f"## {rule.code}\n\n{rule.page}" for rule in rules)])


def fix(rule: Rule) -> str:
    """Whether what its examples show can be mended: safe, unsafe, both, or not at all."""
    found = [one for example in examples.of(rule) for one in auditing.run(example.repository, [rule])]
    kinds = {one.fix.safe for one in found if one.fix}
    return " or ".join(word for word, kind in (("safe", True), ("unsafe", False)) if kind in kinds)
