"""Limits lowered to what is measured, and the file they are written in left alone elsewhere."""

import tomllib
from typing import Any

import pytest

from drydock.errors import Misuse
from drydock.measures import budgets, ratchet
from drydock.measures.budgets import Figure, Judgement, Limit
from drydock.measures.ratchet import Lowered
from drydock.text import read_bytes

DISK = Figure.DISK


@pytest.mark.parametrize(
    ("limit", "now", "found"),
    [
        pytest.param(Limit(DISK, None, 200), 100, {"hard": 102}, id="two per cent above what is"),
        pytest.param(Limit(DISK, 150, 200), 100, {"soft": 101, "hard": 102}, id="the soft limit one per cent"),
        pytest.param(Limit(DISK, 150, None), 100, {"soft": 101}, id="no limit is added"),
        pytest.param(Limit(DISK, 100, 200), 100, {"hard": 102}, id="one without slack stays"),
        pytest.param(Limit(DISK, 101, 102), 100, {}, id="the margin is no slack"),
        pytest.param(Limit(DISK, 50, 200), 100, {"hard": 102}, id="an exceeded soft limit is not raised"),
        pytest.param(Limit(DISK, None, 99), 100, {}, id="an exceeded hard limit is not raised"),
        pytest.param(Limit(DISK, None, 10**9), 119_523_456, {"hard": 122_000_000}, id="three digits, rounded up"),
        pytest.param(Limit(DISK, None, 10), 0, {"hard": 0}, id="down to nothing"),
        pytest.param(Limit(DISK, None, 10), None, {}, id="what is not known is no slack"),
        pytest.param(Limit(Figure.STEPS, 4, 5), 2, {"soft": 2, "hard": 2}, id="steps need no margin"),
        pytest.param(Limit(Figure.GROWTH, 4, 5, "main"), 0, {}, id="growth begins anew with each merge"),
    ],
)
def test_limits_are_lowered_to_the_figure_and_a_margin(limit: Limit, now: int | None, found: dict[str, int]) -> None:
    assert {one.grade: one.after for one in ratchet.lowered(Judgement("backend", limit, now))} == found


@pytest.mark.parametrize("now", [*range(0, 1200, 7), 99_950_001, 119_523_456, 999_999_999, 10**10 + 1])
def test_what_was_lowered_has_no_slack_any_more(now: int) -> None:
    before = Judgement("backend", Limit(DISK, 10**12, 10**12), now)
    after = {one.grade: one.after for one in ratchet.lowered(before)}
    assert now <= after["soft"] <= after["hard"]
    assert ratchet.lowered(Judgement("backend", Limit(DISK, after["soft"], after["hard"]), now)) == ()
    assert read_bytes(str(ratchet.spelled(after["hard"], "1 MB"))) == after["hard"]


LAYOUTS = {
    "a table": """\
[tool.drydock.images.backend.budget]  # ours
disk = "9 MB"   # why
pull={soft= 7, hard = '9 MB' }
""",
    "inline": """\
[tool.drydock.images]
backend = { budget = { disk = "9 MB", pull = {soft=7,hard="9 MB"} } } # x
[z]
""",
    "dotted": """\
[tool.drydock]
images.backend.budget.disk="9 MB"
images.backend.budget.pull = {hard = "9 MB", soft = 7}
""",
    "out of order": """\
[tool.drydock.images.backend.budget]
disk = "9 MB"

[tool.x]
y = "9 MB"
[tool.drydock.images.backend.budget.pull]
soft = 7
hard = "9 MB"


# the end""",
    "quoted": """\
[tool.drydock.images."backend".budget]
"disk" = '9 MB'
'pull' = {"hard" = "9 MB", "soft" = 0x7}
""",
}
DISK_LIMIT, PULL_LIMIT = Limit(DISK, None, 9_000_000), Limit(Figure.PULL, 7, 9_000_000)
CHANGES = (
    Lowered("backend", DISK_LIMIT, "hard", 9_000_000, 1_230_000),
    Lowered("backend", PULL_LIMIT, "soft", 7, 5),
    Lowered("backend", PULL_LIMIT, "hard", 9_000_000, 900),
)


@pytest.mark.parametrize("newline", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("name", LAYOUTS)
def test_only_the_values_change_however_they_are_written(name: str, newline: str) -> None:
    text = LAYOUTS[name].replace("\n", newline)
    new = ratchet.rewritten(text, CHANGES)
    found = {one.figure: one for one in budgets.of(tomllib.loads(new)["tool"]["drydock"], "backend")}
    assert found == {DISK: Limit(DISK, None, 1_230_000), Figure.PULL: Limit(Figure.PULL, 5, 900)}
    assert masked(new) == masked(text)


def masked(text: str) -> str:
    """The text without what the changes replace, in any of its forms; the table that is nobody's budget stays."""
    for value in ("'9 MB'", '"9 MB"', '"1.23 MB"', '"900 B"'):
        text = text.replace(value, "S")
    return text.replace("0x7", "N").replace("7", "N").replace("5", "N")


def test_the_same_value_elsewhere_stays() -> None:
    new = tomllib.loads(ratchet.rewritten(LAYOUTS["out of order"], CHANGES))
    assert new["tool"]["x"] == {"y": "9 MB"}


def test_a_file_whose_values_span_lines_is_left_to_its_author() -> None:
    text = '[tool.drydock.images.backend.budget]\ndisk = """\\\n  9 MB"""\n'
    with pytest.raises(Misuse, match="cannot be lowered without a change elsewhere"):
        ratchet.rewritten(text, CHANGES[:1])


@pytest.mark.parametrize(
    ("size", "like", "spelled"),
    [
        pytest.param(1_230_000, 5, 1_230_000, id="a number stays one"),
        pytest.param(1_230_000, "1 GB", "1.23 MB", id="the unit that fits"),
        pytest.param(1_000, "1 GB", "1 kB", id="a whole one"),
        pytest.param(7, "1 GB", "7 B", id="bytes"),
    ],
)
def test_a_size_is_spelled_as_it_was(size: int, like: Any, spelled: int | str) -> None:
    assert ratchet.spelled(size, like) == spelled
