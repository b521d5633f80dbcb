"""The documents of this repository: what they point at exists, and what they promise is there to be run."""

import re
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted(
    path for pattern in ("*.md", "docs/**/*.md", "backend/*.md", "frontend/*.md") for path in PROJECT.glob(pattern)
)
LINK = re.compile(r"!?\[[^\]]*\]\((?P<target>[^)#\s]+)(?:#[^)]*)?\)")


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(PROJECT).as_posix())
def test_every_relative_link_leads_somewhere(path: Path) -> None:
    targets = [match["target"] for match in LINK.finditer(path.read_text(encoding="utf-8"))]
    lost = [target for target in targets if "://" not in target and not (path.parent / target).exists()]
    assert lost == []


def test_every_decision_is_listed() -> None:
    folder = PROJECT / "docs" / "decisions"
    listed = set(re.findall(r"\((\d{4}-[\w-]+\.md)\)", (folder / "README.md").read_text(encoding="utf-8")))
    assert listed == {path.name for path in folder.glob("[0-9]*.md")}


def test_the_coverage_that_the_session_promises_is_the_one_it_asks_for() -> None:
    noxfile = (PROJECT / "noxfile.py").read_text(encoding="utf-8")
    promised = re.findall(r"reach (\d+) % of the Python", noxfile)
    assert promised == re.findall(r"--fail-under=(\d+)", noxfile)
    assert promised
