"""Scratch copies, what is edited in them, and what the configuration wishes."""

import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from drydock import config, tasks
from drydock.config import Config, Image
from drydock.errors import Misuse
from drydock.scenarios import choice, copies, scenario, trial, wishes
from drydock.scenarios.scenario import Scenario
from drydock.scenarios.wishes import Wishes

DOCKERFILE = "FROM scratch\nCOPY requirements.txt /\nCOPY app /app\n"


def repository(root: Path, files: Mapping[str, str], *, git: bool = True) -> Config:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    if git:
        subprocess.run(["git", "init", "--quiet", str(root)], check=True)
    return config.load(root, {"PATH": "/usr/bin:/bin:/usr/local/bin"})


def image(root: Path, **fields: Any) -> Image:
    return Image("web", root, root / "Dockerfile", "shop/web:local", **fields)


FILES = {
    "Dockerfile": DOCKERFILE,
    ".gitignore": "secret\n",
    "secret/key": "k",
    "app/__init__.py": "A = 1\n",
    "requirements.txt": "flask\n",
    "notes.md": "n",
}


def test_a_copy_holds_what_git_would_take_and_nothing_else(tmp_path: Path) -> None:
    settings = repository(tmp_path / "shop", FILES)
    (made,) = copies.make(settings, [image(settings.root)], "plan", tmp_path / "scratch", "m").images
    kept = {path.relative_to(made.context).as_posix() for path in made.context.rglob("*") if path.is_file()}
    assert kept == {name for name in FILES if not name.startswith("secret")}
    assert made.tag == "drydock-bench/web:plan-m"
    assert made.dockerfile == made.context / "Dockerfile"


def test_outside_of_git_everything_is_copied_but_what_tools_leave(tmp_path: Path) -> None:
    settings = repository(tmp_path / "shop", {**FILES, "node_modules/x": "", ".drydock/l": ""}, git=False)
    (made,) = copies.make(settings, [image(settings.root)], "plan", tmp_path / "scratch", "m").images
    assert (made.context / "secret/key").is_file()
    assert not (made.context / "node_modules").exists()
    assert not (made.context / ".drydock").exists()


def test_a_copy_leads_nowhere_back(tmp_path: Path) -> None:
    settings = repository(tmp_path / "shop", {**FILES, "app/tests/t.py": "", "other/x": "y", "docker/web": DOCKERFILE})
    here = settings.root
    named = {"tests": str(here / "app/tests"), "other": str(here / "other"), "far": "docker-image://a:b"}
    given = Image("web", here / "app", here / "docker/web", "t", contexts=named, cache_from=("type=local,src=x",))
    (made,) = copies.make(settings, [given], "plan", tmp_path / "scratch", "m").images
    assert made.contexts["far"] == "docker-image://a:b"
    for path in (made.context, made.dockerfile, *(Path(made.contexts[name]) for name in ("tests", "other"))):
        assert path.exists()
        assert path.is_relative_to(tmp_path / "scratch")
    assert made.cache_from == ()


def test_names_that_differ_by_a_sign_stay_apart(tmp_path: Path) -> None:
    settings = repository(tmp_path / "shop", FILES)
    given = [replace(image(settings.root), name=name) for name in ("web_1", "web-1")]
    one, other = copies.make(settings, given, "plan", tmp_path / "scratch", "m").images
    assert one.tag != other.tag


def test_the_baseline_has_a_dockerfile_and_an_ignore_file_of_its_own(tmp_path: Path) -> None:
    before = {"infra/baseline/web.Dockerfile": "FROM a\n", "infra/baseline/web.Dockerfile.dockerignore": "x\n"}
    settings = repository(tmp_path / "shop", {**FILES, ".dockerignore": "y\n", **before})
    given = image(settings.root, target="runtime", contexts={"tests": str(settings.root / "app")})
    (made,) = copies.make(settings, [given], "baseline", tmp_path / "scratch", "m").images
    assert made.dockerfile.read_text() == "FROM a\n"
    assert made.dockerfile.with_name(f"{made.dockerfile.name}.dockerignore").read_text() == "x\n"
    assert (made.target, made.contexts) == (None, {})


def test_a_baseline_that_is_not_there_is_asked_for(tmp_path: Path) -> None:
    settings = repository(tmp_path / "shop", FILES)
    with pytest.raises(Misuse, match="infra/baseline holds no Dockerfile of web") as raised:
        copies.make(settings, [image(settings.root)], "baseline", tmp_path / "scratch", "m")
    assert "infra/baseline/web.Dockerfile" in raised.value.remedy


def edits_of(root: Path, wish: Wishes = Wishes()) -> tuple[dict[Scenario, choice.Edit], dict[Scenario, str]]:  # noqa: B008 - frozen
    return choice.find(image(root), choice.reading(image(root), {}), wish)


def test_edits_are_found_by_what_the_build_reads(tmp_path: Path) -> None:
    settings = repository(tmp_path, {**FILES, "main.py": "not read", "app/zz.py": ""})
    found, notes = edits_of(settings.root)
    assert {one.value: edit.path for one, edit in found.items()} == {
        "source edit": "app/__init__.py",
        "dependency edit": "requirements.txt",
        "ignore-file edit": ".dockerignore",
    }
    assert notes == {}


@pytest.mark.parametrize(
    ("files", "chosen"),
    [
        (("app/models.py", "app/__init__.py"), "app/__init__.py"),
        (("src/lib/a.ts", "src/routes/+page.svelte", "src/app.html"), "src/routes/+page.svelte"),
        (("vite.config.js", "src/main.ts"), "src/main.ts"),
        (("index.js", "index.test.js", "lib/x.js"), "index.js"),
        (("deep/er/a.go", "b.go"), "b.go"),
        (("conftest.py", "tests/test_a.py", "readme.md"), None),
    ],
)
def test_the_source_that_is_edited_is_the_one_people_edit(tmp_path: Path, files: tuple[str, ...], chosen: str) -> None:
    everything = {"Dockerfile": "FROM scratch\nCOPY . /\n", ".dockerignore": "Dockerfile\n", **dict.fromkeys(files, "")}
    settings = repository(tmp_path, everything, git=False)
    found, notes = edits_of(settings.root)
    assert (found[Scenario.SOURCE].path if Scenario.SOURCE in found else None) == chosen
    assert Scenario.DEPENDENCY in notes


@pytest.mark.parametrize(
    ("copied", "chosen"),
    [
        ("COPY requirements.txt /\n", "requirements.txt"),
        ("COPY requirements-dev.txt /\n", "requirements-dev.txt"),
        ("", "requirements.txt"),
    ],
    ids=[
        "the one that is installed from",
        "even where it is for development",
        "the plain one of those that come along",
    ],
)
def test_the_dependencies_that_are_edited_are_those_that_are_installed(
    tmp_path: Path, copied: str, chosen: str
) -> None:
    both = {"requirements.txt": "flask\n", "requirements-dev.txt": "pytest\n", "app.py": ""}
    settings = repository(tmp_path, {"Dockerfile": f"FROM scratch\n{copied}COPY . /\n", **both}, git=False)
    assert edits_of(settings.root)[0][Scenario.DEPENDENCY].path == chosen


def test_an_edit_is_made_of_the_text_as_it_was(tmp_path: Path) -> None:
    settings = repository(tmp_path, FILES)
    edit = edits_of(settings.root)[0][Scenario.SOURCE]
    edit.apply(settings.root, 1)
    edit.apply(settings.root, 2)
    assert (tmp_path / "app/__init__.py").read_text() == "A = 1\nDRYDOCK_EDIT = 2\n"


def test_an_ignore_file_of_the_dockerfiles_own_is_the_one_edited(tmp_path: Path) -> None:
    settings = repository(tmp_path, {**FILES, "Dockerfile.dockerignore": "a\n", ".dockerignore": "b\n"})
    edits_of(settings.root)[0][Scenario.IGNORE].apply(settings.root, 5)
    assert (tmp_path / "Dockerfile.dockerignore").read_text() == "a\ndrydock-hides-nothing-5\n"
    assert (tmp_path / ".dockerignore").read_text() == "b\n"


@pytest.mark.parametrize(
    ("wish", "words"),
    [
        (Wishes(source="main.py"), "does not read main.py"),
        (Wishes(source="requirements.txt"), "no line is known that could be added to requirements.txt"),
        (Wishes(dependency="app/__init__.py"), "no edit is known for app/__init__.py"),
    ],
)
def test_a_wish_that_cannot_be_followed_is_named(tmp_path: Path, wish: Wishes, words: str) -> None:
    settings = repository(tmp_path, {**FILES, "main.py": ""})
    with pytest.raises(Misuse, match=words):
        edits_of(settings.root, wish)


def test_a_line_of_ones_own_can_be_added_to_any_file(tmp_path: Path) -> None:
    settings = repository(tmp_path, FILES)
    wish = Wishes(source="requirements.txt", source_line="# {number} {braces}")
    edits_of(settings.root, wish)[0][Scenario.SOURCE].apply(settings.root, 8)
    assert (tmp_path / "requirements.txt").read_text() == "flask\n# 8 {braces}\n"


def test_an_images_own_wish_goes_before_that_for_all() -> None:
    settings = {"bench": {"baseline": "old", "source": "a.py"}, "images": {"web": {"source": "b.py", "budget": {}}}}
    assert wishes.of(settings, "web") == Wishes(baseline="old", source="b.py")
    assert wishes.of(settings, "api") == Wishes(baseline="old", source="a.py")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"bench": {"sauce": "a"}}, r"sauce in \[tool.drydock.bench\] means nothing"),
        ({"bench": {"source": 3}}, "source of web is no text"),
        ({"bench": {"built": "("}}, "built of web is no pattern"),
        ({"bench": "x"}, "is no table"),
    ],
)
def test_a_wish_that_makes_no_sense_is_named(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(Misuse, match=words):
        wishes.of(settings, "web")


def test_scenarios_go_by_their_names_with_blanks_or_dashes() -> None:
    assert scenario.chosen(["source-edit", "No-op"]) == (Scenario.NO_OP, Scenario.SOURCE)
    assert scenario.chosen([]) == tuple(Scenario)
    assert set(scenario.MEANING) == set(Scenario)
    assert all(one.value.replace(" ", "-") in tasks.bench.body.help["scenario"] for one in Scenario)
    with pytest.raises(Misuse, match="no scenario warm"):
        scenario.chosen(["warm"])


LOG = (("> vite build", 10.0), ("vite v7 building ssr", 12.0), ("built in 2.63s", 20.0), ("✓ built in 9.5s", 22.0))


def test_the_bundlers_time_is_that_of_its_process() -> None:
    assert trial.bundler(LOG, Wishes()) == 12.0


def test_what_one_bundler_says_within_another_counts_once() -> None:
    assert trial.said(LOG, Wishes()) == pytest.approx(9.5)
    assert trial.said((("built in 500ms", 5.0), ("built in 1.5s", 9.0)), Wishes()) == pytest.approx(2.0)


@pytest.mark.parametrize("log", [(), LOG[:2], LOG[2:], (("pip install", 1.0),)])
def test_where_no_bundler_speaks_nothing_is_told(log: tuple[tuple[str, float], ...]) -> None:
    assert trial.bundler(log, Wishes()) is None
