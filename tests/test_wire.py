"""What a transfer costs. That the engine counts the same is shown in tests/engine/test_context.py."""

import stat

import pytest

from drydock.measures import wire
from drydock.measures.inputs import Entry, Kind

TIME = 1_700_000_000_000_000_000  # nine bytes


def file(path: str, size: int, shared: int = 0) -> Entry:
    return Entry(path, Kind.FILE, size, "", shared, stat.S_IFREG | 0o644, TIME)


@pytest.mark.parametrize(
    ("entries", "size"),
    [
        ((), 2),
        ((file("a", 0),), 2 + 18 + 2),
        ((file("a", 5),), 2 + 20 + 2 + 7 + 2),
        ((Entry("d", Kind.FOLDER, 0, "", 0, stat.S_IFDIR | 0o755, TIME),), 2 + 21),
        ((Entry("l", Kind.LINK, 2, "to", 0, stat.S_IFLNK | 0o777, TIME),), 2 + 26),
    ],
)
def test_each_entry_is_told_and_each_file_is_sent(entries: tuple[Entry, ...], size: int) -> None:
    assert wire.size(entries) == size


def test_content_goes_in_parts() -> None:
    one = wire.size([file("a", wire.PART)])
    two = wire.size([file("a", wire.PART + 1)])
    assert two - one == 1 + 2 + 2


def test_a_file_of_two_names_is_sent_once() -> None:
    apart = wire.size([file("a", 50_000), file("b", 50_000)])
    twins = wire.size([file("a", 50_000, 9), file("b", 50_000, 9)])
    assert 50_000 - 10 <= apart - twins <= 50_020
