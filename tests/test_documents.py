"""The documents of this repository: what they point at exists, and what they promise is there to be run."""

import re
from pathlib import Path

import pytest

from drydock.tasks import namespace

PROJECT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted(
    path for pattern in ("*.md", "docs/**/*.md", "backend/*.md", "frontend/*.md") for path in PROJECT.glob(pattern)
)
LINK = re.compile(r"!?\[[^\]]*\]\((?P<target>[^)#\s]+)(?:#[^)]*)?\)")
TASK = re.compile(r"\b(?:inv|\./dev|drydock) (?P<task>[a-z][a-z-]*)")
NOT_TASKS = {"test", "nox"}  # words of ./dev that hand over to nox


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(PROJECT).as_posix())
def test_every_relative_link_leads_somewhere(path: Path) -> None:
    targets = [match["target"] for match in LINK.finditer(path.read_text(encoding="utf-8"))]
    lost = [target for target in targets if "://" not in target and not (path.parent / target).exists()]
    assert lost == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(PROJECT).as_posix())
def test_every_task_that_code_in_a_document_runs_exists(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    code = re.findall(r"^```.*?^```", text, re.MULTILINE | re.DOTALL) + re.findall(r"`([^`\n]+)`", text)
    named = {match["task"] for piece in code for match in TASK.finditer(piece)}
    assert named - NOT_TASKS - set(namespace.task_names) == set()


def test_every_decision_is_listed() -> None:
    folder = PROJECT / "docs" / "decisions"
    listed = set(re.findall(r"\((\d{4}-[\w-]+\.md)\)", (folder / "README.md").read_text(encoding="utf-8")))
    assert listed == {path.name for path in folder.glob("[0-9]*.md")}
