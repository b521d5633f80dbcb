"""What a change does to images, in words: nothing that is quoted becomes markup."""

import pytest

from drydock.measures import summing
from drydock.measures.summing import Compared, Rerun, Sizes

NOW, THEN = Sizes(3_000_000, 9_000_000, 500_000), Sizes(2_000_000, 9_000_000, None)
IMAGE = Compared("app", "app/Dockerfile", 2.5, 4, 3, NOW)


def test_without_anything_to_compare_with_sizes_and_seconds_are_shown_alone() -> None:
    first, _, row = summing.markdown([IMAGE], "", (), ()).splitlines()[2:5]
    assert first == "| image | to pull | unpacked | over its base | built in | from the cache |"
    assert row == "| `app` | 3.0 MB | 9.0 MB | 500 kB | 2.50 s | 3 of 4 |"


def test_sizes_stand_beside_their_change_and_steps_beside_what_they_took() -> None:
    steps = (Rerun("builder", 3, "RUN make", 1.5), Rerun("app", None, "COPY a b", 0.5))
    one = Compared("app", "Dockerfile", 2.5, 4, 2, NOW, THEN, steps, "app: line 3 ran again: a changed")
    row = summing.markdown([one], "main (abc)", (), ()).splitlines()[4]
    cells = ["`app`", "3.0 MB", "+1.0 MB", "9.0 MB", "none", "500 kB", "", "2.50 s", "2 of 4", "2", "2.00 s"]
    assert row == f"| {' | '.join(cells)} |"
    assert summing.text([one], "main (abc)").splitlines()[-2:] == [
        "app            3  RUN make  1.50 s",
        "app               COPY a b  0.50 s",
    ]


def test_seconds_of_several_steps_are_not_known_where_one_is_not() -> None:
    one = Compared("app", "", 0, 0, 0, NOW, THEN, (Rerun("a", 1, "RUN a", 1.0), Rerun("a", 2, "RUN b", None)))
    assert one.rerun_seconds is None


@pytest.mark.parametrize("words", ["<img src=x>", "a|b", "`code`", "[x](y)", "*a*", "\\<b"])
def test_what_is_quoted_is_no_markup(words: str) -> None:
    steps = (Rerun("a", 1, f"RUN echo {words}", 1.0),)
    one = Compared("app", "", 0, 1, 0, NOW, THEN, steps, f"app: {words} changed")
    text = summing.markdown([one], f"{words} (abc)", (), (words,))
    escaped = "".join(f"\\{sign}" if sign in "\\<>|`[]*" else sign for sign in words)
    assert f"- app: {escaped} changed" in text
    assert text.rstrip().endswith(escaped)
    row = next(line for line in text.splitlines() if "RUN echo" in line)
    assert row.replace("\\|", "").count("|") == 5
    assert row.count("`") == 4
