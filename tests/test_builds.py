"""`inv builds`: listed, compared, exported and imported."""

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from drydock import config
from drydock.builds import comparison
from drydock.commands import builds
from drydock.commands.builds import Report, Request
from drydock.config import Config
from drydock.errors import Misuse, NotReady
from drydock.measures import exchange, ledger
from drydock.measures.build import Build, Step
from tests.test_ledger import build

LATER = "2026-01-02T00:00:00.000+00:00"
MAKE = Step("web", "app", "RUN make", 3, 0.5, 2.0, False, None, None, True, ())
COPY = Step("web", "app", "COPY . .", 4, 2.5, 0.5, False, 10, None, False, (0,))


@pytest.fixture
def repository(tmp_path: Path) -> Config:
    (tmp_path / "repo").mkdir()
    return config.load(tmp_path / "repo", os.environ)


@pytest.fixture
def filled(repository: Config) -> Config:
    """A ledger of three builds, the first of which began last."""
    newest = build(started=LATER, dirty=False, standin=False, export_seconds=0.25, detail=(MAKE, COPY))
    failed = build("api", outcome="failed", disk_bytes=None, digest=None, commit=None, scenario="target test")
    ledger.append(repository, [newest, build(detail=(replace(MAKE, seconds=1.0),)), failed])
    return repository


def test_an_export_makes_no_folders(filled: Config, tmp_path: Path) -> None:
    with pytest.raises(Misuse, match="there is no folder") as caught:
        ask(filled, export=str(tmp_path / "not there" / "builds.json"))
    assert caught.value.remedy == f"mkdir -p '{tmp_path / 'not there'}'"
    assert not (tmp_path / "not there").exists()


def ask(settings: Config, **words: Any) -> Report:
    return builds.run(settings, Request(**words))


def test_builds_are_listed_newest_first_with_all_that_marks_them(filled: Config) -> None:
    report = ask(filled)
    header, newest, failed, older, *notes = report.text().splitlines()
    assert header.split()[:2] == ["id", "when"]
    assert newest.split() == [
        "1",
        "2026-01-02",
        "00:00:00",
        "web",
        "build",
        "abc",
        "2.50",
        "s",
        "0/2",
        "2",
        "B",
        "done",
    ]
    assert failed.split()[3:7] == ["api", "target", "test", "-+"]
    assert failed.split()[-3:] == ["unknown", "stand-in", "failed"]
    assert older.split()[5] == "abc+"
    assert notes == [builds.DIRTY, builds.STANDIN]
    told = report.document()["builds"]
    assert [one["id"] for one in told] == [1, 3, 2]
    assert (told[0]["export_seconds"], told[0]["steps"][0]["critical"]) == (0.25, True)


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        ({"services": ("web",)}, [1, 2]),
        ({"services": ("web", "api")}, [1, 3, 2]),
        ({"services": ("web", "api"), "limit": "2"}, [1, 3]),
        ({"limit": "1"}, [1]),
    ],
)
def test_a_list_is_narrowed(filled: Config, words: dict[str, Any], ids: list[int]) -> None:
    assert [one.id for one in ask(filled, **words).builds] == ids


def test_without_a_build_the_list_says_how_to_get_one(repository: Config) -> None:
    assert "inv build" in ask(repository).text()
    assert ask(repository).document() == {"builds": []}
    assert not repository.state.exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ({"limit": "0"}, "--limit 0"),
        ({"limit": "-1"}, "--limit -1"),
        ({"limit": "many"}, "--limit many"),
        ({"limit": "9" * 5000}, "--limit 9"),
        ({"services": ("nobody",)}, "nobody"),
        ({"compare": "1"}, "not two builds"),
        ({"compare": "1..b"}, "not two builds"),
        ({"compare": "1..99"}, "no build 99"),
        ({"compare": "1..2", "export": "x"}, "three tasks"),
        ({"take_in": "missing.json"}, "missing.json cannot be read"),
    ],
)
def test_words_that_make_no_sense_are_wrong_use(filled: Config, words: dict[str, Any], said: str) -> None:
    with pytest.raises(Misuse, match=said) as caught:
        ask(filled, **words)
    assert caught.value.remedy


def step(instruction: str, seconds: float = 1.0, cached: bool = False, **words: Any) -> Step:
    return Step("web", "app", instruction, 1, 0.0, 0.0 if cached else seconds, cached, **words)


def pairs(before: list[Step], after: list[Step]) -> list[tuple[str, str]]:
    found = comparison.compare(build(detail=tuple(before)), build(detail=tuple(after)))
    return [(pair.step.instruction, pair.words) for pair in found.pairs]


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        pytest.param([step("a")], [step("a", cached=True)], [("a", "from the cache")], id="came from the cache"),
        pytest.param([step("a", cached=True)], [step("a")], [("a", "ran again")], id="ran again"),
        pytest.param([step("a")], [step("b")], [("b", "new"), ("a", "gone")], id="another instruction"),
        pytest.param([step("a")], [step("a", error="e")], [("a", "failed")], id="failed"),
        pytest.param([step("a", error="e")], [step("a")], [("a", "mended")], id="mended"),
        pytest.param([step("a", bytes=1)], [step("a", bytes=2)], [("a", "other size")], id="another size"),
        pytest.param([step("a")], [step("a", bytes=2)], [("a", "")], id="a size that only one build knows"),
        pytest.param([step("a"), step("a", 9)], [step("a"), step("a", 9)], [("a", ""), ("a", "")], id="twice the same"),
        pytest.param(
            [step("same", cached=True), step("quick"), step("slow"), step("a", 0.1)],
            [step("same", cached=True), step("quick", 1.1), step("slow", 9), step("a", cached=True)],
            [("a", "from the cache"), ("slow", ""), ("quick", ""), ("same", "")],
            id="differences, then what took longer, then what was cached in both",
        ),
    ],
)
def test_steps_are_matched_and_put_in_order(
    before: list[Step], after: list[Step], words: list[tuple[str, str]]
) -> None:
    assert pairs(before, after) == words


def test_two_builds_are_shown_beside_each_other(filled: Config) -> None:
    report = ask(filled, compare="2..1")
    facts, steps, _ = report.text().split("\n\n")
    assert "build 2" in facts.splitlines()[0]
    assert [line.split()[-1] for line in facts.splitlines() if line.startswith("export")] == ["other"]
    assert [" ".join(line.split()) for line in steps.splitlines()[1:]] == [
        "app COPY . . - 0.50 s, 10 B +0.50 s new",
        "app RUN make 1.00 s * 2.00 s * +1.00 s",
    ]
    told = report.document()
    assert (told["before"]["id"], told["after"]["id"]) == (2, 1)
    assert (told["change"]["steps"], told["change"]["export_seconds"]) == (1, None)
    assert [one["difference"] for one in told["steps"]] == ["new", None]
    assert told["steps"][0]["before"] is None
    json.dumps(told)


def test_an_export_is_taken_in_once_and_given_out_alike(filled: Config, tmp_path: Path) -> None:
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    assert ask(filled, export=str(first)).text() == f"3 builds exported to {first}"
    (tmp_path / "other").mkdir()
    other = config.load(tmp_path / "other", os.environ)
    ledger.append(other, [build("db", started="2026-01-03T00:00:00.000+00:00")])
    assert ask(other, take_in=str(first)).document() == {"file": str(first), "imported": 3, "known": 0}
    assert ask(other, take_in=str(first)).document() == {"file": str(first), "imported": 0, "known": 3}
    assert [one.image for one in ledger.recent(other)] == ["db", "web", "api", "web"]
    found = ledger.latest(other, "web")
    assert found is not None
    assert ledger.steps(other, found) == (MAKE, COPY)
    ask(other, export=str(second), services=("web", "api"))
    assert second.read_bytes() == first.read_bytes()
    assert ask(other, export=str(second), limit="1").text().startswith("1 build exported")  # over an earlier export


def test_only_the_services_that_are_named_are_taken_in(filled: Config, tmp_path: Path) -> None:
    ask(filled, export=str(tmp_path / "all.json"))
    (tmp_path / "other").mkdir()
    other = config.load(tmp_path / "other", os.environ)
    assert ask(other, take_in=str(tmp_path / "all.json"), services=("api",)).moved == 1


def test_an_export_writes_over_nothing_but_an_export(filled: Config, tmp_path: Path) -> None:
    before = filled.ledger.read_bytes()
    for path in (filled.ledger, tmp_path / "notes"):
        path.touch()
        with pytest.raises(Misuse, match="no export"):
            ask(filled, export=str(path))
    with pytest.raises(NotReady):
        ask(filled, export=str(tmp_path))
    assert filled.ledger.read_bytes() == before


def test_what_else_is_said_of_a_base_goes_along(repository: Config, tmp_path: Path) -> None:
    base = {"name": "a", "reference": "b", "origin": "standin", "digest": "", "note": "of packages"}
    ledger.append(repository, [build(bases=(base,))])
    ask(repository, export=str(tmp_path / "file.json"))
    assert ask(repository, take_in=str(tmp_path / "file.json")).document()["known"] == 1
    (found,) = exchange.read((tmp_path / "file.json").read_text())
    assert found.bases == (base,)


def test_times_of_other_zones_are_put_in_order() -> None:
    told = exchange.plain(build(started="2026-01-01T02:00:00+02:00"))
    (found,) = exchange.read(json.dumps({"format": exchange.FORMAT, "version": 1, "builds": [told]}))
    assert found.started == "2026-01-01T00:00:00.000+00:00"


Edit = Callable[[dict[str, Any]], object]


def put(*path: str | int, value: Any) -> Edit:
    def edit(document: dict[str, Any]) -> None:
        at: Any = document
        for key in path[:-1]:
            at = at[key]
        at[path[-1]] = value

    return edit


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        pytest.param(put("format", value="x"), "no export", id="another format"),
        pytest.param(put("version", value=2), "version is 2", id="a newer version"),
        pytest.param(put("builds", value={}), "builds: a list", id="no list"),
        pytest.param(put("builds", 1, value=3), r"builds\[1\]: an object", id="no object"),
        pytest.param(put("builds", 1, "more", value=3), "'more' is unknown", id="a name too many"),
        pytest.param(lambda told: told["builds"][1].pop("tag"), "'tag' is missing", id="a name too few"),
        pytest.param(put("builds", 1, "image", value=""), r"builds\[1\].image", id="no name"),
        pytest.param(put("builds", 1, "tag", value="\ud800"), "text was", id="half a character"),
        pytest.param(put("builds", 1, "tag", value="a\0b"), "text was", id="a zero byte"),
        pytest.param(put("builds", 1, "started", value="yesterday"), "started", id="no time"),
        pytest.param(put("builds", 1, "started", value="2026-01-01T00:00:00"), "zone", id="no zone"),
        pytest.param(put("builds", 1, "started", value="0001-01-01T00:00:00+14:00"), "started", id="before all time"),
        pytest.param(put("builds", 1, "outcome", value="fine"), "done or failed", id="another outcome"),
        pytest.param(put("builds", 1, "outcome", value=[]), "done or failed", id="an outcome that is a list"),
        pytest.param(put("builds", 1, "dirty", value=1), "true or false", id="a number for a flag"),
        pytest.param(put("builds", 1, "seconds", value=float("nan")), "a number", id="not a number"),
        pytest.param(put("builds", 1, "seconds", value=10**400), "seconds", id="a number beyond all floats"),
        pytest.param(put("builds", 1, "layers", value=True), "whole number", id="a flag for a number"),
        pytest.param(put("builds", 1, "disk_bytes", value=2**63), "whole number", id="too large to be stored"),
        pytest.param(put("builds", 1, "context_bytes", value=-1), "whole number", id="less than nothing"),
        pytest.param(put("builds", 1, "bases", value=[{"name": "a"}]), "'digest' is missing", id="half a base"),
        pytest.param(put("builds", 1, "steps", 0, "line", value=1.5), r"steps\[0\].line", id="between two lines"),
        pytest.param(
            put("builds", 1, "steps", 0, "inputs", value=[9]), "there are 1 steps", id="an input that is not there"
        ),
    ],
)
def test_a_bad_file_is_one_line_and_nothing_of_it_is_taken_in(
    repository: Config, tmp_path: Path, edit: Edit, said: str
) -> None:
    told = json.loads(exchange.write([build("good"), build("bad")]))
    edit(told)
    (tmp_path / "file.json").write_text(json.dumps(told))
    with pytest.raises(Misuse, match=said) as caught:
        ask(repository, take_in=str(tmp_path / "file.json"))
    assert "\n" not in caught.value.message
    assert caught.value.remedy
    assert not repository.ledger.exists()


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b"\xff", b"[" * 200_000, b'{"format": "drydock-builds"}', b"1" * 5000],
    ids=["empty", "cut off", "a list", "no text", "a tower", "no version", "a long number"],
)
def test_what_is_no_export_is_one_line(repository: Config, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file.json").write_bytes(content)
    with pytest.raises(Misuse, match=r"file\.json") as caught:
        ask(repository, take_in=str(tmp_path / "file.json"))
    assert "\n" not in caught.value.message


def test_an_export_that_was_cut_off_anywhere_is_refused_whole(tmp_path: Path) -> None:
    text = exchange.write([build("one"), build("two")])
    for end in range(0, len(text) - 2, 7):
        with pytest.raises(ValueError):  # noqa: PT011  JSON's own words
            exchange.read(text[:end])


def test_every_field_of_a_build_is_exported() -> None:
    counted = {"steps", "cached", "detail", "id"}
    assert {*exchange.BUILD} - {"steps"} == set(Build.__dataclass_fields__) - counted
    assert {*exchange.STEP} == set(Step.__dataclass_fields__) - {"image", "log"}  # what was printed stays here
