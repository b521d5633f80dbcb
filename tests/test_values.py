"""Frozen values: what the standard library's own dataclasses do, ours do."""

import dataclasses
from dataclasses import FrozenInstanceError, field, replace
from functools import cached_property

import pytest

from drydock.values import dataclass


@dataclass(frozen=True)
class Ours:
    name: str
    number: int = 3
    words: list[str] = field(default_factory=list, compare=False, repr=False)

    @cached_property
    def length(self) -> int:
        return len(self.name)


@dataclasses.dataclass(frozen=True)
class Theirs:
    name: str
    number: int = 3
    words: list[str] = field(default_factory=list, compare=False, repr=False)


def test_both_are_made_shown_and_taken_apart_alike() -> None:
    ours, theirs = Ours("a", words=["b"]), Theirs("a", words=["b"])
    assert dataclasses.asdict(ours) == dataclasses.asdict(theirs)
    assert repr(ours) == repr(theirs).replace("Theirs", "Ours")
    assert Ours.__match_args__ == Theirs.__match_args__
    assert hash(ours) == hash(theirs)


def test_only_fields_that_count_make_values_equal() -> None:
    assert Ours("a", words=["b"]) == Ours("a")
    assert Ours("a") != Ours("b")
    assert Ours("a") != Theirs("a")  # type: ignore[comparison-overlap]
    assert len({Ours("a", words=["b"]), Ours("a"), Ours("a", 4)}) == 2


def test_what_is_remembered_in_a_value_does_not_make_it_another() -> None:
    one = Ours("abc")
    assert one.length == 3
    assert one == Ours("abc")
    assert replace(one, name="ab").length == 2


def test_a_factory_is_asked_for_each_value() -> None:
    assert Ours("a").words is not Ours("a").words


def test_a_field_that_is_missing_is_told_by_name() -> None:
    with pytest.raises(TypeError, match="name"):
        Ours()  # type: ignore[call-arg]


@pytest.mark.parametrize("change", [lambda one: setattr(one, "name", "b"), lambda one: delattr(one, "name")])
def test_nothing_in_a_value_can_be_changed(change: object) -> None:
    one = Ours("a")
    with pytest.raises(FrozenInstanceError):
        change(one)  # type: ignore[operator]
    assert one == Ours("a")
