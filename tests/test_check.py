"""`drydock size --check` and `--ratchet` from their words to their exit code, with a fake docker and a real ledger."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from drydock.config import Config
from drydock.measures import anatomy, evidence, ledger
from drydock.measures.anatomy import Anatomy, Kind, Part, Share
from drydock.measures.build import Build
from drydock.measures.layers import Layer
from drydock.program import program

BASE = {"name": "python:3.12-slim", "reference": "python:3.12-slim", "origin": "local", "digest": ""}
MB = 1_000_000
NOW = "sha256:shop:local"
Words = Callable[..., int]
Captured = pytest.CaptureFixture[str]


def entry(name: str, *layers: str) -> dict[str, Any]:
    return {
        "Id": f"sha256:{name}",
        "RepoTags": [name],
        "Os": "linux",
        "Architecture": "amd64",
        "Size": 1,
        "RootFS": {"Layers": list(layers)},
    }


def made(own: int, *parts: Part) -> Anatomy:
    """An image over a base of 20 MB with so many bytes of its own, half of that to pull, most of it in one package."""
    shares = (
        Share("sha256:1", "", "", 20 * MB, 8 * MB, base=True),
        Share(f"sha256:{own}", "RUN x", "app", own, own // 2, base=False),
    )
    rest = own - sum(part.disk_bytes for part in parts)
    whole = (Part(Kind.APT, "libc", "1", 20 * MB, base=True), Part(Kind.PIP, "web", "3.1", rest, base=False))
    return Anatomy(shares, (*whole, *parts), 0)


PLANTED = Part(Kind.PIP, "planted", "1.0", 5 * MB, base=False)


def record(root: Path, digest: str, day: int, what: Anatomy) -> None:
    build = Build(
        image="shop",
        tag="shop:local",
        started=f"2026-01-{day:02}T03:04:05+00:00",
        commit=None,
        dirty=False,
        platform="linux/amd64",
        engine="26.1.5",
        store="overlay2",
        bases=(BASE,),
        standin=False,
        outcome="done",
        seconds=4.5,
        steps=3,
        cached=0,
        context_bytes=10,
        digest=digest,
    )
    layers = [Layer(one.diff_id, one.disk_bytes, one.pull_bytes) for one in what.layers]
    ledger.append(Config(root, {}, {}, None, root / "home"), [build], layers, {digest: what})


@pytest.fixture
def shop(tmp_path: Path, short: Path, listen: Callable[[Path], str], docker: Any, monkeypatch: Any) -> Path:
    """A repository with one image: 35 MB, 15 MB of which are its own, a third of these a dependency that is new."""
    root = tmp_path / "shop"
    root.mkdir()
    (root / "Dockerfile").write_text("FROM python:3.12-slim\nRUN make\n")
    docker.says("version", out=json.dumps({"Server": {"Version": "26.1.5", "ApiVersion": "1.45"}}))
    plugins = [{"Name": "buildx", "Version": "0.13.1"}, {"Name": "compose", "Version": "2.26.1"}]
    docker.says("info", out=json.dumps({"Driver": "overlay2", "ClientInfo": {"Plugins": plugins}}))
    images = [entry("shop:local", "sha256:1", f"sha256:{15 * MB}"), entry("python:3.12-slim", "sha256:1")]
    docker.says("image", "inspect", out=json.dumps(images))
    monkeypatch.setenv("DOCKER_HOST", listen(short / "socket"))
    record(root, NOW, 9, made(15 * MB, PLANTED))
    return root


@pytest.fixture
def drydock(shop: Path) -> Words:
    return lambda *words: program().code(["drydock", "size", *words, "--root", str(shop)])


def budget(root: Path, *lines: str) -> Path:
    path = root / "pyproject.toml"
    path.write_text("\n".join(["# ours", "[tool.drydock.images.shop.budget]  # of the shop", *lines, ""]))
    return path


def first(capsys: Captured) -> tuple[str, str]:
    """What the first exceeded limit was compared with, and what is named first for it."""
    cause = json.loads(capsys.readouterr().out)["excess"][0]
    return cause["against"].partition(":")[0], [*cause["grown"], *cause["largest"]][0]["name"]


def test_an_image_within_its_budget_passes(shop: Path, drydock: Words, capsys: Captured) -> None:
    budget(shop, 'disk = "35 MB"', "pull = 20_000_000", 'own = { soft = "15 MB" }')
    assert drydock("--check") == 0
    assert capsys.readouterr().out.splitlines() == [
        "state  image  what               now     soft     hard   slack",
        "ok     shop   unpacked       35.0 MB           35.0 MB     0 B",
        "ok     shop   to pull        15.5 MB           20.0 MB  4.5 MB",
        "ok     shop   over its base  15.0 MB  15.0 MB              0 B",
    ]


def test_a_soft_limit_only_warns(shop: Path, drydock: Words, capsys: Captured) -> None:
    budget(shop, 'own = { soft = "14 MB", hard = "15 MB" }')
    assert drydock("--check") == 0
    answer = capsys.readouterr()
    assert answer.out.splitlines()[1].split()[0] == "warn"
    assert "warning: web 3.1 (10.0 MB): shop, over its base: 15.0 MB, 1.0 MB over the soft limit" in answer.err


@pytest.mark.parametrize("limit", ['disk = "34 MB"', 'own = "14 MB"', 'pull = "15 MB"'])
def test_a_hard_limit_fails_and_names_what_grew_since_it_was_kept(
    shop: Path, drydock: Words, capsys: Captured, limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    budget(shop, limit)
    record(shop, "sha256:kept", 3, made(10 * MB))
    record(shop, "sha256:over", 5, made(14_200_000, PLANTED))  # over the limit, and so no measure
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    assert drydock("--check") == 1
    answer = capsys.readouterr()
    assert "::error file=pyproject.toml,line=3::planted 1.0 (+5.0 MB): shop, " in answer.err
    assert "against the newest build within the limit: build 2 of 2026-01-03" in answer.out
    assert drydock("--check", "--json") == 1
    assert first(capsys) == ("the newest build within the limit", "planted")


def test_with_no_build_within_the_limit_the_capture_of_main_is_compared_with(
    shop: Path, drydock: Words, capsys: Captured
) -> None:
    budget(shop, "own = 1")
    captured(shop, "main", made(10 * MB))
    assert drydock("--check", "--json") == 1
    assert first(capsys) == ("the capture main of 2026-01-01", "planted")


def test_a_capture_within_the_limit_is_compared_with_where_no_such_build_is_recorded(
    shop: Path, drydock: Words, capsys: Captured
) -> None:
    budget(shop, 'disk = "34 MB"')
    captured(shop, "over", made(15 * MB), date="2026-03-03")
    captured(shop, "v2", made(11 * MB), date="2026-02-02")
    captured(shop, "v1", made(9 * MB), date="2026-01-01")
    assert drydock("--check", "--json") == 1
    assert first(capsys) == ("the capture v2 of 2026-02-02", "planted")


def test_a_main_that_is_the_very_image_explains_nothing(shop: Path, drydock: Words, capsys: Captured) -> None:
    budget(shop, "own = 1")
    captured(shop, "main", made(15 * MB, PLANTED))
    assert drydock("--check", "--json") == 1
    assert first(capsys) == ("", "web")


def test_else_the_image_before_and_else_the_largest_of_its_own(shop: Path, drydock: Words, capsys: Captured) -> None:
    budget(shop, "own = 1")
    assert drydock("--check", "--json") == 1
    assert first(capsys) == ("", "web")
    record(shop, "sha256:before", 3, made(10 * MB))
    assert drydock("--check", "--json") == 1
    assert first(capsys) == ("the image before", "planted")


def test_what_to_compare_with_can_be_said(shop: Path, drydock: Words, capsys: Captured) -> None:
    budget(shop, 'own = "14 MB"')
    record(shop, "sha256:kept", 3, made(9 * MB, PLANTED))
    captured(shop, "v1", made(10 * MB))
    assert drydock("--check", "--against", "v1", "--json") == 1
    assert first(capsys) == ("the capture v1 of 2026-01-01", "planted")


def captured(root: Path, name: str, what: Anatomy, date: str = "2026-01-01") -> None:
    image = {"name": "shop", "disk_bytes": sum(one.disk_bytes for one in what.layers)}
    image |= {"anatomy": anatomy.document(what)}
    evidence.save(root, name, {"schema": 1, "kind": "size", "date": date, "images": [image]})


def test_growth_is_measured_against_a_capture(shop: Path, drydock: Words, capsys: Captured) -> None:
    captured(shop, "v1", made(10 * MB))
    budget(shop, 'growth = { against = "v1", hard = "5 MB" }')
    assert drydock("--check") == 0
    budget(shop, 'growth = { against = "v1", hard = "4 MB" }')
    assert drydock("--check", "--json") == 1
    answer = capsys.readouterr()
    assert "planted 1.0 (+5.0 MB): shop, growth unpacked: 5.0 MB, 1.0 MB over the hard limit of 4.0 MB" in answer.err


def test_what_cannot_be_checked_is_said_with_how_to_get_it(shop: Path, drydock: Words, capsys: Captured) -> None:
    budget(shop, 'growth = "1 MB"', "source-edit-steps = 1")
    assert drydock("--check") == 0
    answer = capsys.readouterr()
    assert [line.split()[0] for line in answer.out.splitlines()[1:]] == ["unknown", "unknown"]
    assert "growth unpacked: not checked, there is nothing to compare with" in answer.err
    assert f'inv bench --root {shop} --scenario "source edit" --save' in answer.err


def test_steps_after_a_source_edit_are_named_where_there_are_too_many(
    shop: Path, drydock: Words, capsys: Captured
) -> None:
    steps = [[{"instruction": text, "cached": False} for text in ("COPY . /srv", "RUN pip install .")]]
    held = {"plan": {"scenarios": {"source edit": {"seconds": [1.0], "steps": steps}}}}
    evidence.save(shop, "s", {"schema": 1, "kind": "scenarios", "date": "2026-01-01", "images": {"shop": held}})
    budget(shop, "source-edit-steps = 1")
    assert drydock("--check") == 1
    answer = capsys.readouterr()
    assert "error: COPY . /srv: shop, steps after a source edit: 2, 1 over the hard limit of 1" in answer.err
    assert answer.out.splitlines()[-2:] == ["COPY . /srv", "RUN pip install ."]


@pytest.mark.parametrize(
    ("settings", "words", "said"),
    [
        pytest.param("", (), "there is no budget for shop", id="no budget at all"),
        pytest.param("[tool.drydock.images.shpo.budget]\nown = 1", (), "shpo.budget] is for no image", id="a slip"),
        pytest.param("[tool.drydock.images.shop.budget]\nown = 1", ("--save", "x"), "--save goes with", id="a capture"),
    ],
)
def test_wrong_use_is_2(
    shop: Path, drydock: Words, capsys: Captured, settings: str, words: tuple[str, ...], said: str
) -> None:
    (shop / "pyproject.toml").write_text(settings)
    assert drydock("--check", *words) == 2
    assert said in capsys.readouterr().err


def test_a_comparison_with_what_is_nowhere_is_refused(shop: Path, drydock: Words, capsys: Captured) -> None:
    budget(shop, "own = 1")
    assert drydock("--check", "--against", "never") == 3
    assert "there is no branch never, and no capture never" in capsys.readouterr().err


def test_a_ratchet_lowers_what_has_slack_and_then_nothing(shop: Path, drydock: Words, capsys: Captured) -> None:
    path = budget(
        shop, 'disk = "90 MB" # unpacked', "own = { soft = 20_000_000, hard = 30_000_000 }", "pull = 15500000"
    )
    path.chmod(0o640)
    assert drydock("--ratchet") == 0
    assert capsys.readouterr().out.splitlines()[-3:] == [
        "shop, unpacked: hard limit lowered from 90 MB to 35.7 MB",
        "shop, over its base: soft limit lowered from 20 MB to 15.2 MB",
        "shop, over its base: hard limit lowered from 30 MB to 15.3 MB",
    ]
    lowered = path.read_text()
    assert lowered.splitlines()[2:] == [
        'disk = "35.7 MB" # unpacked',
        "own = { soft = 15200000, hard = 15300000 }",
        "pull = 15500000",
    ]
    assert path.stat().st_mode & 0o777 == 0o640
    assert drydock("--check") == 0
    assert drydock("--ratchet") == 0
    assert capsys.readouterr().out.splitlines()[-1] == "no limit has slack: nothing is lowered"
    assert path.read_text() == lowered


def test_nothing_is_lowered_while_a_hard_limit_is_exceeded(shop: Path, drydock: Words, capsys: Captured) -> None:
    path = budget(shop, 'disk = "90 MB"', "own = 1")
    before = path.read_text()
    assert drydock("--ratchet") == 1
    assert capsys.readouterr().out.splitlines()[-1] == "a hard limit is exceeded: nothing is lowered"
    assert path.read_text() == before


def test_a_file_that_git_could_not_give_back_is_not_written(shop: Path, drydock: Words, capsys: Captured) -> None:
    path = budget(shop, 'disk = "90 MB"')
    git = ["git", "-C", str(shop), "-c", "user.name=n", "-c", "user.email=e"]
    subprocess.run([*git, "init", "-q"], check=True)
    before = path.read_text()
    assert drydock("--ratchet") == 2
    assert f"remedy: commit pyproject.toml, then inv size --root {shop} --ratchet" in capsys.readouterr().err
    assert path.read_text() == before
    subprocess.run([*git, "add", "pyproject.toml"], check=True)
    subprocess.run([*git, "commit", "-q", "-m", "x"], check=True)
    subprocess.run([*git, "update-index", "--assume-unchanged", "pyproject.toml"], check=True)
    assert drydock("--ratchet") == 2
    subprocess.run([*git, "update-index", "--no-assume-unchanged", "pyproject.toml"], check=True)
    assert drydock("--ratchet") == 0
    assert path.read_text() != before
