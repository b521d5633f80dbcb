"""What made an image grow, from its parts before and after."""

import pytest

from drydock.measures.anatomy import Kind, Part
from drydock.measures.growth import Grown, growth

FLASK = Part(Kind.PIP, "flask", "3.0", 300, base=False)
REST = Part(Kind.REST, "other files", "", 1000, base=False)


def test_a_planted_dependency_of_five_megabytes_is_named_first() -> None:
    planted = Part(Kind.PIP, "ballast", "1.0", 5_000_000, base=False)
    other = Part(Kind.FILE, "srv/app/data.bin", "", 4_999_999, base=False)
    found = growth((FLASK, REST), (FLASK, other, planted, REST))
    assert found[0] == Grown(Kind.PIP, "ballast", 0, 5_000_000, "", "1.0")
    assert found[0].bytes == 5_000_000


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        pytest.param((FLASK,), (FLASK,), [], id="nothing differs"),
        pytest.param((FLASK,), (), [("flask", -300, "3.0", "")], id="gone"),
        pytest.param(
            (FLASK,),
            (Part(Kind.PIP, "flask", "3.1", 350, base=False),),
            [("flask", 50, "3.0", "3.1")],
            id="a new version",
        ),
        pytest.param(
            (FLASK,), (Part(Kind.PIP, "flask", "3.1", 300, base=False),), [], id="a new version of the same size"
        ),
        pytest.param(
            (FLASK,),
            (FLASK, Part(Kind.PIP, "flask", "2.9", 200, base=True)),
            [("flask", 200, "3.0", "2.9, 3.0")],
            id="a second copy of another version",
        ),
        pytest.param(
            (FLASK,),
            (FLASK, Part(Kind.NPM, "flask", "3.0", 10, base=False)),
            [("flask", 10, "", "3.0")],
            id="a namesake of another manager is another package",
        ),
        pytest.param((FLASK, REST), (REST, FLASK), [], id="the order does not matter"),
    ],
)
def test_what_differs_is_told(
    before: tuple[Part, ...], after: tuple[Part, ...], told: list[tuple[str, int, str, str]]
) -> None:
    assert [(one.name, one.bytes, one.before_version, one.after_version) for one in growth(before, after)] == told


def test_what_grew_comes_first_and_what_shrank_last() -> None:
    before = [Part(Kind.FILE, name, "", size, base=False) for name, size in (("a", 10), ("b", 10), ("c", 10))]
    after = [Part(Kind.FILE, name, "", size, base=False) for name, size in (("a", 5), ("b", 30), ("c", 11))]
    found = growth(before, after)
    assert [(one.name, one.bytes) for one in found] == [("b", 20), ("c", 1), ("a", -5)]
    assert sum(one.bytes for one in found) == 46 - 30
