"""Which images differ from a commit: a real git repository, without an engine."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from drydock import config
from drydock.builds import plan, since_commit
from drydock.builds.selection import Choice
from drydock.causes.whole import Orders
from drydock.errors import Misuse
from drydock.services import model
from tests.committing import commit, git
from tests.test_oci import engine

POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3\n"


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    mask = os.umask(0o022)
    root = tmp_path / "shop"
    for name in ("api", "web"):
        (root / name / "src").mkdir(parents=True)
        (root / name / "Dockerfile").write_text("FROM scratch\nCOPY src /src\n")
        (root / name / "src" / "a").write_text("a")
        (root / name / "src" / "b").write_text("b")
    (root / "web" / "src" / "big").write_text(POINTER)
    (root / ".gitignore").write_text("*.made\n.drydock\n")
    commit(root)
    yield root
    os.umask(mask)


def choose(root: Path, ref: str = "HEAD", **environ: str) -> dict[str, Choice]:
    settings = config.load(root, {**os.environ, **environ})
    images = model.found(settings.root)
    files = {image.name: plan.parsed(settings, image) for image in images}
    names = [image.name for image in images]
    bases = dict.fromkeys(names, ())
    found = since_commit.choose(settings, engine({}), images, files, names, ref, Orders(settings.root), (), bases)
    return {one.image: one for one in found}


def submodule(root: Path) -> None:
    (root.parent / "other").mkdir()
    (root.parent / "other" / "x").write_text("x")
    commit(root.parent / "other")
    git(root, "submodule", "--quiet", "add", str(root.parent / "other"), "web/src/sub")
    commit(root)


def fetched(root: Path) -> None:
    (root / "web" / "Dockerfile").write_text("FROM scratch\nADD https://example.org/x /x\nCOPY src /src\n")
    commit(root)


def outside(root: Path) -> None:
    (root.parent / "far").mkdir()
    (root / "web" / "src").rename(root.parent / "far" / "src")
    (root / "web" / "Dockerfile").rename(root.parent / "far" / "Dockerfile")
    (root / "web").rmdir()
    (root / "web").symlink_to("../far")
    commit(root)


@pytest.mark.parametrize(
    ("edit", "why"),
    [
        pytest.param(Path.exists, "", id="nothing"),
        pytest.param(lambda root: (root / "web/src/a").write_text("z"), "src/a changed", id="not committed"),
        pytest.param(lambda root: (root / "web/src/c").write_text("c"), "src/c was added", id="not known to git"),
        pytest.param(lambda root: (root / "web/src/c.made").touch(), "src/c.made was added", id="ignored by git"),
        pytest.param(lambda root: (root / "web/other").write_text("c"), "", id="read by no step"),
        pytest.param(lambda root: (root / "web/src/a").unlink(), "src/a is gone", id="deleted"),
        pytest.param(
            lambda root: (root / "web/src/a").chmod(0o755),
            "src/a has another mode, 755 for 644",
            id="mode",
        ),
        pytest.param(
            lambda root: (root / "web/src/a").rename(root / "web/src/z"), "src/a was renamed to src/z", id="renamed"
        ),
        pytest.param(
            lambda root: (root / "web/Dockerfile").write_text("FROM scratch\nCOPY src /app\n"),
            "line 2 was `COPY src /src`",
            id="another line",
        ),
        pytest.param(lambda root: (root / "web/.dockerignore").write_text("x"), "its ignore file changed", id="ignore"),
        pytest.param(
            lambda root: (root / "web/src/big").write_text("big"),
            "src/big is kept by Git LFS, so what it held is not in the history",
            id="content that LFS keeps",
        ),
        pytest.param(submodule, "web/src/sub is a submodule, which is not read at HEAD", id="submodule"),
        pytest.param(fetched, "line 2 may fetch what is not recorded", id="an address"),
    ],
)
def test_what_differs_from_the_commit_is_built(root: Path, edit: Callable[[Path], object], why: str) -> None:
    edit(root)
    found = choose(root)
    assert not found["api"].built
    assert (found["web"].why if found["web"].built else "") == why


def test_neither_the_work_tree_nor_what_git_keeps_is_touched(root: Path) -> None:
    def state() -> set[tuple[str, int]]:
        return {(str(path), path.stat().st_mtime_ns) for path in root.rglob("*") if ".drydock" not in path.parts}

    (root / "web/src/a").write_text("z")
    git(root, "status")
    before = state()
    choose(root)
    assert state() == before


def test_an_image_that_was_not_there_is_built(root: Path) -> None:
    (root / "fresh").mkdir()
    (root / "fresh" / "Dockerfile").write_text("FROM scratch\nCOPY Dockerfile /\n")
    assert choose(root)["fresh"].why == "there was no such image at HEAD"


def test_a_time_from_the_environment_is_not_in_the_commit(root: Path) -> None:
    assert (
        choose(root, SOURCE_DATE_EPOCH="1")["api"].why == "SOURCE_DATE_EPOCH is set, and HEAD does not tell what it was"
    )


def test_a_commit_that_is_not_there_is_one_line_with_a_remedy(root: Path) -> None:
    for ref in ("nowhere", "--all"):
        with pytest.raises(Misuse, match="there is no commit") as caught:
            choose(root, ref)
        assert caught.value.remedy


def test_where_the_history_is_cut_off_all_is_built(root: Path, tmp_path: Path) -> None:
    first = git(root, "rev-parse", "HEAD").strip()
    (root / "web/src/a").write_text("z")
    commit(root)
    git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{root}", "shallow")
    found = choose(tmp_path / "shallow", first)
    assert {one.why for one in found.values()} == {
        f"{first} is not in this shallow clone (git fetch --unshallow brings it)"
    }
    assert all(one.built for one in found.values())


def test_outside_of_git_there_is_nothing_to_compare_with(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch\nCOPY Dockerfile /\n")
    with pytest.raises(Misuse, match="is in no repository that git can read"):
        choose(tmp_path)


def test_a_context_that_leads_out_of_the_repository_is_built(root: Path) -> None:
    outside(root)
    assert "lies outside the repository" in choose(root)["web"].why
