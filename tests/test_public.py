"""Public repositories of bench/public.toml: fetched at their commit, and held against what was judged."""

import os
import subprocess
from pathlib import Path

import pytest

from bench import public
from drydock.audit.finding import Finding, Severity
from drydock.errors import NotReady
from tests.defects import loader

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("name", ["owner/name", "owner+name", "owner+name/repo"])
def test_a_folder_is_fetched_at_its_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    held = loader.write({"web/Dockerfile": b"FROM scratch\n"}, tmp_path / "held" / name)
    shown = subprocess.run(["git", "rev-parse", "HEAD"], cwd=held, check=True, capture_output=True, text=True)
    place = public.Place("owner/name", shown.stdout.strip(), "web")
    monkeypatch.setattr(public, "HOST", str(tmp_path / "held"))
    source = tmp_path / "held" if "+" in name else None
    root = public.fetch(place, tmp_path / "into", source, os.environ)
    assert (root.name, (root / "Dockerfile").read_text()) == ("web", "FROM scratch\n")
    assert public.fetch(place, tmp_path / "into", source, os.environ) == root


def test_what_cannot_be_fetched_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotReady, match="owner/name cannot be fetched"):
        public.fetch(public.Place("owner/name", "0" * 40), tmp_path / "into", tmp_path, os.environ)


def test_without_a_folder_the_host_is_asked() -> None:
    assert public.address("owner/name", None) == "https://github.com/owner/name"


def test_what_was_judged_false_is_counted_while_it_is_found() -> None:
    wrong = [public.Judged("root-user", "Dockerfile", line, "a job") for line in (1, 9)]
    finding = Finding("root-user", Severity.WARNING, "Dockerfile", 1, 1, "m", None, "")
    counted = public.counted(public.Place("owner/name", "0", false=tuple(wrong)), [finding])
    assert counted == {"findings": 1, "false": ["root-user Dockerfile:1: a job"], "mended": 1}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("registry.example.org/team/uv:0.8 is not here", "team/uv:0.8 is not here"),
        ("example.org:5000/x", "example.org:5000/x"),
        ("app/Dockerfile.prod:3", "app/Dockerfile.prod:3"),
        ("/root/.npm/_logs/2026:1", "/root/.npm/_logs/2026:1"),
    ],
)
def test_images_are_named_without_their_registries(words: str, expected: str) -> None:
    assert public.unhosted({"why": [words, 1]}) == {"why": [expected, 1]}


def test_the_table_names_commits_and_reasons() -> None:
    places = public.read(ROOT / "bench/public.toml")
    assert len({one.title for one in places}) == len(places) >= 20
    assert all(len(one.commit) == 40 for one in places)
    assert all(wrong.reason for one in places for wrong in one.false)
