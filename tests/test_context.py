"""`inv context` over a repository without compose: what it shows, and what it does with bad input."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from drydock.commands import context
from drydock.config import Config, Image
from drydock.errors import Misuse


@pytest.fixture
def root(tmp_path: Path) -> Path:
    for path, size in {"src/a.py": 3000, "src/b.py": 50, ".git/pack": 19_000, ".env": 20, "notes": 700}.items():
        (tmp_path / "app" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "app" / path).write_bytes(b"x" * size)
    (tmp_path / "app/Dockerfile").write_text("FROM scratch\nCOPY src /src\n")
    return tmp_path


def report(root: Path, contexts: Mapping[str, str] | None = None) -> context.Report:
    settings = Config(root, {}, {}, None, root / "home")
    image = Image("app", root / "app", root / "app/Dockerfile", "app:local", contexts=contexts or {})
    return context.Report(context.of_image(settings, image, {}))


def test_what_is_visible_and_what_is_asked_for_are_told_apart(root: Path) -> None:
    (one,) = report(root).document()["contexts"]
    assert (one["visible"]["files"], one["visible"]["bytes"]) == (6, 22_770 + 27)
    assert (one["asked"]["files"], one["asked"]["bytes"]) == (2, 3050)
    assert one["asked"]["largest"][0] == {"path": "src/a.py", "bytes": 3000}
    assert one["asked"]["transfer_bytes"] > 3050


def test_where_everything_is_copied_the_lines_worth_adding_are_named(root: Path) -> None:
    (root / "app/Dockerfile").write_text("FROM scratch\nCOPY . /\n")
    text = report(root).text()
    assert "worth adding to app/.dockerignore" in text
    assert "keeps a secret out that line 2 sends" in text
    (one,) = report(root).document()["contexts"]
    assert [line["line"] for line in one["worth_adding"]] == [".env", ".git", "Dockerfile"]


def test_after_the_lines_are_added_none_is_left(root: Path) -> None:
    (root / "app/Dockerfile").write_text("FROM scratch\nCOPY . /\n")
    (root / "app/.dockerignore").write_text(".env\n.git\nDockerfile\n.dockerignore\n")
    (one,) = report(root).document()["contexts"]
    assert (one["ignore_file"], one["worth_adding"]) == ("app/.dockerignore", [])


def test_a_named_context_has_its_own_ignore_file_and_images_are_no_folder(root: Path) -> None:
    (root / "lib").mkdir()
    (root / "lib/x").write_bytes(b"x" * 100)
    (root / "lib/.dockerignore").write_text(".dockerignore\n")
    (root / "app/Dockerfile").write_text("FROM scratch\nCOPY --from=lib . /\nCOPY --from=base x /\n")
    contexts = {"lib": str(root / "lib"), "base": "docker-image://base:1", "other": "target:other"}
    own, named = report(root, contexts).document()["contexts"]
    assert (own["context"], own["asked"]["files"]) == (None, 0)
    assert (named["context"], named["ignore_file"], named["asked"]["bytes"]) == ("lib", "lib/.dockerignore", 100)


def test_what_a_link_leads_to_is_never_advised_away(root: Path) -> None:
    (root / "app/link").symlink_to(".env")
    (root / "app/Dockerfile").write_text("FROM scratch\nCOPY link /\n")
    (one,) = report(root).document()["contexts"]
    assert (one["asked"]["files"], one["worth_adding"]) == (1, [])


def test_only_a_pem_file_with_a_private_key_is_a_secret(root: Path) -> None:
    (root / "app/ca.pem").write_text("-----BEGIN CERTIFICATE-----")
    (root / "app/own.pem").write_text("-----BEGIN PRIVATE KEY-----")
    (one,) = report(root).document()["contexts"]
    assert [line["line"] for line in one["worth_adding"]] == [".env", "own.pem"]


def test_odd_names_and_dangling_links_are_shown(root: Path) -> None:
    (root / "app/src/new\nline").write_text("x")
    (root / "app/src/gone").symlink_to("nowhere")
    shown = report(root)
    assert r"src/new\nline" in shown.text()
    json.dumps(shown.document())


def test_a_broken_ignore_file_is_one_line_with_its_place(root: Path) -> None:
    (root / "app/.dockerignore").write_text("a\n[b\n")
    with pytest.raises(Misuse, match=r"\.dockerignore:2: \[b is no pattern"):
        report(root)


def test_a_pattern_longer_than_any_path_is_refused_before_it_is_compiled(root: Path) -> None:
    (root / "app/.dockerignore").write_text("a\n" + "**/" * 100_000 + "\n")
    with pytest.raises(Misuse, match=r"\.dockerignore:2: .{60} is no pattern: it has more than 4096 characters"):
        report(root)


def test_a_context_that_is_gone_is_one_line(root: Path) -> None:
    with pytest.raises(Misuse, match="gone is no folder"):
        report(root, {"lib": str(root / "gone")})
