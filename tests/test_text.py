"""Bytes, seconds and tables as people read them."""

import pytest

from drydock.text import harmless, human_bytes, human_seconds, nearest, read_bytes, spoken, table


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        pytest.param(0, "0 B", id="nothing"),
        pytest.param(999, "999 B", id="bytes have no fraction"),
        pytest.param(1_200, "1.2 kB", id="a fraction below a hundred"),
        pytest.param(123_400, "123 kB", id="no fraction from a hundred on"),
        pytest.param(34_000_000, "34.0 MB", id="megabytes are decimal, as Docker prints them"),
        pytest.param(5_000_000_000_000, "5000 GB", id="gigabytes are the largest unit"),
        pytest.param(-1_500, "-1.5 kB", id="a change may be negative"),
        pytest.param(99_960, "100 kB", id="rounded up to a hundred"),
        pytest.param(999_400, "999 kB", id="rounded down below the next unit"),
        pytest.param(999_700, "1.0 MB", id="rounded up to the next unit"),
        pytest.param(-999_960_000, "-1.0 GB", id="a change rounded up to the next unit"),
        pytest.param(999.6, "1.0 kB", id="an average of bytes"),
    ],
)
def test_bytes_have_the_unit_that_fits(size: float, shown: str) -> None:
    assert human_bytes(size) == shown


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        pytest.param(0.314, "0.31 s", id="hundredths below ten seconds"),
        pytest.param(12.44, "12.4 s", id="tenths below a minute"),
        pytest.param(9.996, "10.0 s", id="rounded up to ten seconds"),
        pytest.param(59.96, "1 min 0 s", id="rounded up to a minute"),
        pytest.param(125.9, "2 min 5 s", id="whole seconds above"),
    ],
)
def test_seconds_have_the_precision_that_matters(seconds: float, shown: str) -> None:
    assert human_seconds(seconds) == shown


def test_the_word_that_was_meant_is_the_nearest_else_the_first() -> None:
    assert nearest("tset", ("lint", "test")) == "test"
    assert nearest("nope", ("lint", "test")) == "lint"


def test_a_table_pads_to_the_widest_cell_and_leaves_no_trailing_space() -> None:
    shown = table(("name", "size"), [("backend", "5 MB"), ("x", "140 MB")], right=[1])
    assert shown.splitlines() == ["name       size", "backend    5 MB", "x        140 MB"]


def test_a_table_without_rows_is_its_header() -> None:
    assert table(("a", "b"), []) == "a  b"


@pytest.mark.parametrize(
    ("text", "size"),
    [("0B", 0), ("512", 512), ("1.5kB", 1500), ("2GB", 2_000_000_000), ("2 GiB", 2 * 1024**3), ("3m", 3_000_000)],
)
def test_sizes_are_read_as_docker_writes_them(text: str, size: int) -> None:
    assert read_bytes(text) == size


@pytest.mark.parametrize("text", ["", "lots", "-1GB", "2 GBs"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no size"):
        read_bytes(text)


def test_commands_that_are_spoken_work_where_the_one_that_speaks_was_told_to() -> None:
    assert spoken("inv build, or `inv size --top 5`", "./dev", "a b") == (
        "./dev build --root 'a b', or `./dev size --root 'a b' --top 5`"
    )
    assert spoken("inv audit --root x", "drydock", "y") == "drydock audit --root x"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("\x1b[2J\x07", r"\x1b[2J\x07", id="what a terminal obeys"),
        pytest.param("\x9b31m\x7f", r"\x9b31m\x7f", id="the same in one sign"),
        pytest.param("a\u202egnp.exe\u200b", r"a\u202egnp.exe\u200b", id="what turns or hides text"),
        pytest.param("\ud800", r"\ud800", id="what cannot be written"),
        pytest.param("é … „ü“\n\tb", "é … „ü“\n\tb", id="plain text"),
    ],
)
def test_text_of_others_is_shown_and_not_obeyed(text: str, shown: str) -> None:
    assert harmless(text) == shown
