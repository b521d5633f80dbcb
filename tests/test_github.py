"""What a workflow is told: commands that stay one line, and the summary of a job."""

from pathlib import Path

import pytest

from drydock import github
from drydock.errors import NotReady


@pytest.mark.parametrize(
    ("message", "path", "told"),
    [
        pytest.param("it grew", "a/Dockerfile", "::warning file=a/Dockerfile,line=3::it grew", id="plain"),
        pytest.param("100%\nmore", "a", "::warning file=a,line=3::100%25%0Amore", id="several lines"),
        pytest.param("\r\n::error::no", "a", "::warning file=a,line=3::%0D%0A::error::no", id="a command in it"),
        pytest.param("x", "a,line=9::b", "::warning file=a%2Cline=9%3A%3Ab,line=3::x", id="a property in a path"),
    ],
)
def test_what_is_told_stays_text(message: str, path: str, told: str) -> None:
    assert github.annotation("warning", message, path=path, line=3) == told


def test_an_annotation_without_a_place_has_none() -> None:
    assert github.annotation("error", "no") == "::error::no"


def test_a_summary_is_added_to_and_only_where_a_workflow_wants_one(tmp_path: Path) -> None:
    page = tmp_path / "summary.md"
    page.write_text("before\n")
    github.summarise({"GITHUB_STEP_SUMMARY": str(page)}, "after\n")
    github.summarise({}, "nowhere\n")
    assert page.read_text() == "before\nafter\n"


def test_a_summary_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(NotReady, match="cannot be written: Is a directory"):
        github.summarise({"GITHUB_STEP_SUMMARY": str(tmp_path)}, "words")
