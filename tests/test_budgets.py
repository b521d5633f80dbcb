"""Budgets as they are written, figures judged by them, and what is named where one is exceeded."""

from pathlib import Path
from typing import Any

import pytest

from drydock.errors import Misuse
from drydock.measures import anatomy, budgets, evidence, excess, reruns
from drydock.measures.anatomy import Anatomy, Kind, Part
from drydock.measures.budgets import Figure, Judgement, Limit, State

DISK = Figure.DISK
MB = 1_000_000


def table(**limits: Any) -> dict[str, Any]:
    return {"images": {"backend": {"budget": {name.replace("_", "-"): value for name, value in limits.items()}}}}


@pytest.mark.parametrize(
    ("limits", "found"),
    [
        pytest.param({"disk": "45 MB"}, Limit(DISK, None, 45 * MB), id="a value alone is hard"),
        pytest.param({"disk": 45}, Limit(DISK, None, 45), id="bytes as a number"),
        pytest.param({"disk": 0}, Limit(DISK, None, 0), id="nothing at all is a limit"),
        pytest.param({"disk": "1.5MiB"}, Limit(DISK, None, 1_572_864), id="powers of two"),
        pytest.param({"disk": {"soft": "1 kB"}}, Limit(DISK, 1000, None), id="only a warning"),
        pytest.param({"own": {"soft": 1, "hard": 1}}, Limit(Figure.OWN, 1, 1), id="soft may be hard"),
        pytest.param({"source_edit_steps": 2}, Limit(Figure.STEPS, None, 2), id="steps"),
        pytest.param({"growth": "1 MB"}, Limit(Figure.GROWTH, None, MB, "main"), id="growth is against main"),
        pytest.param(
            {"growth": {"against": "v1", "soft": 5}}, Limit(Figure.GROWTH, 5, None, "v1"), id="or against a capture"
        ),
    ],
)
def test_a_limit_is_read_in_each_of_its_forms(limits: dict[str, Any], found: Limit) -> None:
    assert budgets.of(table(**limits), "backend") == (found,)


@pytest.mark.parametrize(
    ("settings", "said", "remedy"),
    [
        pytest.param(
            table(size="1 MB"), "size in [tool.drydock.images.backend.budget] is no limit", "pull, disk", id="key"
        ),
        pytest.param(table(disk={"max": 1}), "max of disk", "soft, hard", id="grade"),
        pytest.param(
            table(disk={"hard": 1, "against": "main"}), "against of disk", "soft, hard", id="against of a size"
        ),
        pytest.param(table(disk=-1), "-1 as the hard limit of disk", 'disk = "45 MB"', id="negative"),
        pytest.param(table(disk="-1 MB"), "'-1 MB' as the hard", 'disk = "45 MB"', id="negative text"),
        pytest.param(table(disk={"soft": "big"}), "'big' as the soft limit", "soft = ", id="no size"),
        pytest.param(table(disk=True), "True as the hard limit", "45000000", id="a truth"),
        pytest.param(table(disk=1.5), "1.5 as the hard limit", "45000000", id="a fraction of bytes"),
        pytest.param(table(disk=["1 MB"]), "as the hard limit", "45000000", id="a list"),
        pytest.param(table(disk={}), "disk in [tool.drydock.images.backend.budget] sets no limit", "hard", id="none"),
        pytest.param(table(growth={"against": "main"}), "growth in", "against = ", id="only against"),
        pytest.param(table(growth={"against": 1, "hard": 1}), "is no name", "against = ", id="against a number"),
        pytest.param(table(growth={"against": "", "hard": 1}), "is no name", "against = ", id="against nothing"),
        pytest.param(
            table(source_edit_steps="2"), "is no number of steps", "source-edit-steps = 2", id="steps as text"
        ),
        pytest.param(table(disk={"soft": 2, "hard": 1}), "soft limit of disk", "lower soft", id="soft above hard"),
        pytest.param({"images": []}, "tool.drydock.images is no table", "[tool.drydock.images.NAME]", id="images"),
        pytest.param({"images": {"backend": 1}}, "tool.drydock.images.backend is no", "images.backend]", id="image"),
        pytest.param({"images": {"backend": {"budget": "1 MB"}}}, "budget is no table", "backend.budget]", id="budget"),
    ],
)
def test_a_budget_that_makes_no_sense_is_named_with_the_forms_that_do(
    settings: dict[str, Any], said: str, remedy: str
) -> None:
    with pytest.raises(Misuse) as caught:
        budgets.named(settings)
    assert said in caught.value.message
    assert remedy in caught.value.remedy


def test_an_image_without_a_budget_has_no_limits() -> None:
    settings = {"images": {"backend": {"source": "app.py"}, "frontend": {"budget": {"disk": 1}}}}
    assert budgets.of(settings, "backend") == ()
    assert budgets.named(settings) == ("frontend",)
    assert budgets.named({}) == ()


@pytest.mark.parametrize(
    ("soft", "hard", "now", "state", "slack"),
    [
        pytest.param(5, 9, 5, State.OK, 0, id="up to the soft limit"),
        pytest.param(5, 9, 6, State.SOFT, -1, id="above the soft limit"),
        pytest.param(5, 9, 9, State.SOFT, -4, id="up to the hard limit"),
        pytest.param(5, 9, 10, State.HARD, -1, id="above the hard limit"),
        pytest.param(None, 9, 8, State.OK, 1, id="no soft limit"),
        pytest.param(5, None, 99, State.SOFT, -94, id="no hard limit"),
        pytest.param(None, 0, 1, State.HARD, -1, id="a limit of nothing"),
        pytest.param(5, 9, -3, State.OK, 8, id="what shrank"),
        pytest.param(5, 9, None, State.UNKNOWN, None, id="no figure"),
    ],
)
def test_a_figure_is_judged_by_both_limits(
    soft: int | None, hard: int | None, now: int | None, state: State, slack: int | None
) -> None:
    judged = Judgement("backend", Limit(DISK, soft, hard), now)
    assert (judged.state, judged.slack) == (state, slack)


def apart(*parts: Part, wasted: int | None = 0) -> Anatomy:
    return Anatomy((), parts, wasted)


def pip(name: str, size: int, *, base: bool = False) -> Part:
    return Part(Kind.PIP, name, "1.0", size, base)


def since(then: Anatomy, now: Anatomy) -> excess.Excess | None:
    return excess.since("backend", DISK, "then", {"anatomy": anatomy.document(then)}, now)


def test_what_grew_most_is_first_and_what_shrank_is_no_cause() -> None:
    found = since(
        apart(pip("old", 9), pip("same", 5), pip("more", 5)), apart(pip("same", 5), pip("more", 7), pip("new", 4))
    )
    assert found is not None
    assert [(one.name, one.bytes) for one in found.grown] == [("new", 4), ("more", 2)]
    assert found.first == "new 1.0 (+4 B)"


def test_what_is_only_wasted_is_named_too() -> None:
    found = since(apart(pip("same", 5)), apart(pip("same", 5), wasted=3))
    assert found is not None
    assert found.first == "overwritten or deleted in a later layer (+3 B)"


def test_a_file_is_named_by_its_path() -> None:
    found = since(apart(), apart(Part(Kind.FILE, "srv/blob", "", 4, base=False)))
    assert found is not None
    assert found.first == "/srv/blob (+4 B)"


@pytest.mark.parametrize(
    ("then", "now"),
    [
        pytest.param(apart(wasted=None), apart(), id="then"),
        pytest.param(apart(), apart(wasted=None), id="now"),
    ],
)
def test_where_parts_are_not_known_there_is_no_comparison(then: Anatomy, now: Anatomy) -> None:
    assert since(then, now) is None
    assert excess.since("backend", DISK, "then", {}, apart()) is None


def test_with_nothing_to_compare_the_largest_of_the_own_part_are_named() -> None:
    found = excess.alone("backend", DISK, apart(pip("base", 9, base=True), pip("small", 1), pip("large", 2)))
    assert found.first == "large 1.0 (2 B)"
    assert "no earlier state that differs is known" in found.text(5)
    assert "base" not in found.text(5).partition("base:")[2]


STEPS = [[{"instruction": "RUN a", "cached": False}, {"instruction": "RUN b", "cached": True}]]


def scenarios(date: str, steps: Any, image: str = "backend", variant: str = "plan") -> dict[str, Any]:
    held = {variant: {"scenarios": {"source edit": {"seconds": [1.0], "steps": steps}}}}
    return {"schema": evidence.SCHEMA, "kind": "scenarios", "date": date, "images": {image: held}}


def test_steps_are_those_of_the_run_that_had_most_in_the_newest_capture(tmp_path: Path) -> None:
    both = [[{**step, "cached": False} for step in STEPS[0]]]
    evidence.save(tmp_path, "a", scenarios("2026-02-02", STEPS + both))
    evidence.save(tmp_path, "b", scenarios("2026-01-01", STEPS))
    evidence.save(tmp_path, "c", scenarios("2026-03-03", STEPS, image="frontend"))
    evidence.save(tmp_path, "d", scenarios("2026-03-03", STEPS, variant="baseline"))
    evidence.save(tmp_path, "e", {"schema": evidence.SCHEMA, "kind": "size", "date": "2026-04-04", "images": []})
    found = reruns.newest(tmp_path, "backend")
    assert found == reruns.Reruns("a", "2026-02-02", ("RUN a", "RUN b"))


def test_without_a_capture_of_the_scenario_no_steps_are_known(tmp_path: Path) -> None:
    assert reruns.newest(tmp_path, "backend") is None


SETTINGS = """\
[tool.drydock]
own = 3

[tool.drydock.images."my app".budget]
own = "1 MB"
 disk = 5
[tool.drydock.images.other.budget]  # of another
own = 2
"""


@pytest.mark.parametrize(
    ("image", "figure", "line"),
    [
        pytest.param("my app", Figure.DISK, 6, id="where it is set"),
        pytest.param("other", Figure.OWN, 8, id="of its own image"),
        pytest.param("other", Figure.DISK, 7, id="else where the budget begins"),
        pytest.param("third", Figure.OWN, 0, id="else nowhere"),
    ],
)
def test_a_limit_has_a_line(image: str, figure: Figure, line: int) -> None:
    assert budgets.line(SETTINGS, image, figure) == line
