"""Why a step ran: grounds of builds held against each other, and against what BuildKit did."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from drydock import config, dockerfile
from drydock.causes import cause, explaining, finding, grounds, manifest, reading
from drydock.causes.cause import Cause, Kind, Why
from drydock.causes.finding import Past
from drydock.causes.gathering import Gathered
from drydock.causes.grounds import Fact, Ground, Grounds
from drydock.causes.manifest import File, Manifest
from drydock.causes.reading import Given
from drydock.causes.veil import Seal
from drydock.measures import ledger
from drydock.measures.build import Step
from tests.test_ledger import build

SEAL = Seal(b"k" * 32)
TEXT = """\
FROM python:3 AS deps
COPY lock .
RUN install
FROM python:3
COPY --from=deps /out /out
COPY src src
RUN end
"""
FILES = {"lock": "1", "src/a": "a", "src/b": "b"}
BASES = {"python:3": "sha256:1", "node:20": "sha256:2"}


@dataclass(frozen=True)
class Made:
    """The grounds of a build, and its files."""

    grounds: Grounds
    files: Manifest

    def past(self, number: int = 1) -> Past:
        return finding.past(number, self.grounds, lambda _: True)


@dataclass(frozen=True)
class Source:
    """What a build is made of."""

    text: str = TEXT
    files: Mapping[str, str] = field(default_factory=lambda: FILES)
    args: Mapping[str, str] = field(default_factory=dict)
    bases: Mapping[str, str] = field(default_factory=lambda: BASES)
    engine: str = "here"
    key: str = "key"
    target: str | None = None

    def make(self) -> Made:
        given = Given(self.target, self.args, {}, self.bases)
        steps = reading.read(dockerfile.parse(self.text), given, SEAL)
        files = {path: File(path, "file", 0o644, SEAL.of(content)) for path, content in self.files.items()}
        filled = tuple(_filled(one, files) for one in steps)
        return Made(Grounds(self.key, self.engine, filled), files)


def _filled(step: Ground, files: Manifest) -> Ground:
    if not step.reads:
        return step
    digest = manifest.seal(manifest.part(step.reads, "", files).values(), SEAL)
    return replace(step, facts=(*step.facts, Fact(grounds.Kind.FILES, "", digest)))


def steps(made: Made, *ran: int) -> list[Step]:
    """What BuildKit told: those of the lines ran, all others were cached."""
    return [
        Step("web", one.stage, one.text, one.line, float(at), 0.0, one.line not in ran)
        for at, one in enumerate(made.grounds.steps)
        if one.keyword != "FROM"
    ]


def why(now: Made, ran: tuple[int, ...], *before: Made, missed: tuple[str, ...] = ()) -> Why:
    """Why the lines ran, after these builds, the newest last."""
    known = {id(one.grounds): one.files for one in (now, *before)}
    past = [one.past(number) for number, one in enumerate(before, 1)]
    present = finding.present("web", now.grounds, steps(now, *ran), missed=missed)
    return finding.find(present, past[::-1], lambda of, _: known[id(of)])


def named(found: Why) -> tuple[Kind, str, str] | None:
    return (found.cause.kind, found.cause.name, found.cause.change) if found.cause else None


SET = "FROM python:3\nARG LEVEL=low\nENV A=1 B=2\nUSER 1\nRUN one\n"
ORIGINAL = Source()


@pytest.mark.parametrize(
    ("before", "after", "ran", "expected"),
    [
        pytest.param(
            ORIGINAL,
            replace(ORIGINAL, files={**FILES, "lock": "2"}),
            (2, 3),
            (Kind.FILE, "lock", "content"),
            id="content",
        ),
        pytest.param(
            ORIGINAL,
            replace(ORIGINAL, files={**FILES, "src/c": "c"}),
            (6, 7),
            (Kind.FILE, "src/c", "added"),
            id="added",
        ),
        pytest.param(
            ORIGINAL,
            replace(ORIGINAL, files={"lock": "1", "src/a": "a"}),
            (6, 7),
            (Kind.FILE, "src/b", "removed"),
            id="removed",
        ),
        pytest.param(
            ORIGINAL,
            replace(ORIGINAL, files={"lock": "1", "src/a": "a", "src/z": "b"}),
            (6, 7),
            (Kind.FILE, "src/z", "renamed"),
            id="renamed",
        ),
        pytest.param(
            ORIGINAL,
            replace(ORIGINAL, files={**FILES, "lock": "2"}),
            (5, 7),
            (Kind.FILE, "lock", "content"),
            id="read by a stage below, whose own steps another build had",
        ),
        pytest.param(
            ORIGINAL,
            replace(ORIGINAL, text=TEXT.replace("install", "fetch")),
            (3,),
            (Kind.LINE, "", "changed"),
            id="line",
        ),
        pytest.param(
            ORIGINAL,
            replace(ORIGINAL, text=TEXT.replace("COPY lock .\n", "")),
            (2,),
            (Kind.LINE, "", "removed"),
            id="line gone",
        ),
        pytest.param(
            ORIGINAL,
            replace(ORIGINAL, text=TEXT.replace("RUN end", "RUN new\nRUN end")),
            (7, 8),
            (Kind.LINE, "", "added"),
            id="line new",
        ),
        pytest.param(
            ORIGINAL,
            replace(ORIGINAL, text=TEXT.replace("COPY lock .\nRUN install", "RUN install\nCOPY lock .")),
            (2, 3),
            (Kind.LINE, "", "moved"),
            id="lines swapped",
        ),
        pytest.param(
            ORIGINAL,
            replace(ORIGINAL, bases={"python:3": "sha256:9"}),
            (2, 3),
            (Kind.BASE, "python:3", "changed"),
            id="base",
        ),
        pytest.param(
            ORIGINAL,
            replace(ORIGINAL, text=TEXT.replace("python:3", "node:20")),
            (2,),
            (Kind.BASE, "node:20", "added"),
            id="another base",
        ),
        pytest.param(
            Source(SET), Source(SET, args={"LEVEL": "up"}), (5,), (Kind.ARGUMENT, "LEVEL", "changed"), id="argument"
        ),
        pytest.param(
            Source(SET), Source(SET.replace("low", "up")), (5,), (Kind.ARGUMENT, "LEVEL", "changed"), id="default"
        ),
        pytest.param(
            Source(SET), Source(SET.replace("A=1", "A=2")), (5,), (Kind.ENVIRONMENT, "A", "changed"), id="env"
        ),
        pytest.param(
            Source(SET), Source(SET.replace(" B=2", "")), (5,), (Kind.ENVIRONMENT, "B", "removed"), id="env gone"
        ),
        pytest.param(
            Source(SET), Source(SET.replace("A=1 B=2", "B=2 A=1")), (5,), (Kind.LINE, "", "order"), id="env order"
        ),
        pytest.param(
            Source(SET), Source(SET.replace("USER 1", "USER 2")), (5,), (Kind.SETTING, "USER", "changed"), id="user"
        ),
        pytest.param(
            Source("FROM scratch\nRUN <<E\none\nE\n"),
            Source("FROM scratch\nRUN <<E\ntwo\nE\n"),
            (2,),
            (Kind.LINE, "E", "changed"),
            id="here-document",
        ),
        pytest.param(ORIGINAL, ORIGINAL, (2, 3), (Kind.CACHE, "", ""), id="nothing: the cache was emptied"),
        pytest.param(ORIGINAL, replace(ORIGINAL, engine="there"), (2,), (Kind.ENGINE, "", ""), id="another engine"),
        pytest.param(ORIGINAL, ORIGINAL, (), None, id="nothing ran"),
        pytest.param(
            Source("FROM scratch\nADD https://x/y /z\n"),
            Source("FROM scratch\nADD https://x/y /z\n"),
            (2,),
            (Kind.REMOTE, "", ""),
            id="what is fetched",
        ),
    ],
)
def test_the_cause(before: Source, after: Source, ran: tuple[int, ...], expected: object) -> None:
    assert named(why(after.make(), ran, before.make())) == expected


def test_no_earlier_build_is_no_cause() -> None:
    assert why(ORIGINAL.make(), (2, 3)) == Why("web")


def test_builds_recorded_with_another_key_are_not_compared() -> None:
    found = why(ORIGINAL.make(), (2,), replace(ORIGINAL, key="other").make())
    assert found.cause is None
    assert "cannot be compared" in found.notes[0]


def test_a_cache_that_was_not_there_is_named() -> None:
    found = why(ORIGINAL.make(), (2,), ORIGINAL.make(), missed=("ghcr.io/a/b",))
    assert named(found) == (Kind.IMPORT, "ghcr.io/a/b", "")
    assert not found.agrees


def test_a_folder_made_on_nothing_is_made_anew_in_each_build_and_needs_no_cause() -> None:
    bare = replace(ORIGINAL, text="FROM scratch\nWORKDIR /srv\nWORKDIR /srv/it\nCOPY src src\n")
    assert why(bare.make(), (2, 3), bare.make()).cause is None
    assert named(why(bare.make(), (2, 3, 4), bare.make())) == (Kind.CACHE, "", "")
    assert why(bare.make(), (2, 3, 4), bare.make()).line == 4


def test_the_closest_earlier_build_is_compared_not_only_the_last() -> None:
    first = replace(ORIGINAL, files={**FILES, "src/a": "1"})
    last = replace(ORIGINAL, files={**FILES, "src/a": "1", "src/b": "2", "lock": "3"})
    now = replace(ORIGINAL, files={**FILES, "src/a": "2"}).make()
    found = why(now, (6, 7), first.make(), last.make())
    assert named(found) == (Kind.FILE, "src/a", "content")
    assert (found.against, found.after) == (1, 1)
    assert found.cause is not None
    assert found.cause.more == 0


def test_a_step_that_any_earlier_build_had_was_expected_from_the_cache() -> None:
    old = replace(ORIGINAL, files={**FILES, "src/a": "old"})
    found = why(old.make(), (6, 7), old.make(), ORIGINAL.make())
    assert named(found) == (Kind.CACHE, "", "")
    assert (found.against, found.agrees) == (1, False)


def test_what_was_expected_to_run_and_did_not_is_said() -> None:
    now = replace(ORIGINAL, files={**FILES, "src/a": "new"}).make()
    found = why(now, (), ORIGINAL.make())
    assert found.cause is None
    assert found.notes[0].startswith("line 6 was expected to run and came from the cache")


def test_a_stage_may_come_out_as_it_was() -> None:
    now = replace(ORIGINAL, files={**FILES, "lock": "2"}).make()
    (note,) = why(now, (2, 3), ORIGINAL.make()).notes
    assert note.startswith("line 5 was expected to run and came from the cache: what it takes from another stage")


def test_the_line_that_reads_the_cause_is_named_where_the_first_step_only_rests_on_it() -> None:
    found = why(replace(ORIGINAL, files={**FILES, "lock": "2"}).make(), (5, 7), ORIGINAL.make())
    assert (found.line, found.reads) == (5, 2)
    assert found.words() == "web: line 5, COPY --from=deps /out /out, ran again: lock changed (read by line 2)"


def test_what_a_base_triggers_is_answered_honestly() -> None:
    now = ORIGINAL.make()
    stray = Step("web", "deps", "RUN of the base", None, 0.0, 1.0, False)
    present = finding.present("web", now.grounds, [stray, *steps(now)])
    found = finding.find(present, [ORIGINAL.make().past()], lambda *_: None)
    assert named(found) == (Kind.UNKNOWN, "what a base triggers (ONBUILD) is not recorded, nor what it reads", "")


def test_what_a_base_triggers_after_a_changed_file_is_not_the_cause() -> None:
    then, now = ORIGINAL.make(), replace(ORIGINAL, files={**FILES, "lock": "2"}).make()
    stray = Step("web", "stage-1", "RUN of the base", None, 2.5, 1.0, False)
    known = {id(then.grounds): then.files, id(now.grounds): now.files}
    present = finding.present("web", now.grounds, [stray, *steps(now, 2, 3)])
    found = finding.find(present, [then.past()], lambda of, _: known[id(of)])
    assert (named(found), found.line, found.after) == ((Kind.FILE, "lock", "content"), 2, 2)
    present = finding.present("web", now.grounds, [replace(stray, started=0.5), *steps(now, 2, 3)])
    found = finding.find(present, [then.past()], lambda of, _: known[id(of)])
    assert (found.line, found.after, found.agrees) == (None, 2, False)


def test_a_failed_build_has_only_what_it_came_through() -> None:
    made = ORIGINAL.make()
    failed = finding.past(1, made.grounds, lambda one: one.line != 3)
    present = finding.present("web", made.grounds, steps(made, 3))
    found = finding.find(present, [failed], lambda *_: made.files)
    assert named(found) == (Kind.UNKNOWN, "build 1 did not come through it", "")


@pytest.mark.parametrize(
    "words",
    [
        pytest.param({"text": SET.replace("LEVEL", "API_TOKEN"), "args": {"API_TOKEN": "hunter22"}}, id="given"),
        pytest.param({"text": SET.replace("LEVEL=low", "DB_PASSWORD=hunter22")}, id="default"),
        pytest.param({"text": SET.replace("A=1", "A=1 SECRET_KEY=hunter22")}, id="env"),
        pytest.param({"text": SET.replace("A=1", "URL=https://me:hunter22@host/")}, id="an address with a password"),
        pytest.param(
            {"text": SET.replace("RUN one", "RUN curl hunter22"), "args": {"TOKEN": "hunter22"}}, id="in a line"
        ),
    ],
)
def test_no_secret_is_in_what_is_kept(words: dict[str, Any]) -> None:
    assert b"hunter22" not in grounds.write(Source(**words).make().grounds)


def test_a_secret_is_named_without_its_value() -> None:
    text = SET.replace("LEVEL=low", "API_TOKEN")
    then, now = (Source(text, args={"API_TOKEN": value}).make() for value in ("first-one", "other-one"))
    assert why(now, (5,), then).words() == (
        "web: line 5, RUN one, ran again: the build argument API_TOKEN changed (line 2)"
    )


def test_grounds_and_causes_are_read_back_as_they_were() -> None:
    made = ORIGINAL.make()
    assert grounds.read(grounds.write(made.grounds)) == made.grounds
    found = why(replace(ORIGINAL, files={**FILES, "lock": "2"}).make(), (2, 3), made)
    assert cause.read(found.document()) == found
    assert cause.read(Why("web", notes=("a",)).document()) == Why("web", notes=("a",))


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b'{"version": 2}', b'{"version": 1, "steps": 3}'])
def test_grounds_that_nobody_wrote_are_refused(body: bytes) -> None:
    with pytest.raises(ValueError, match=r"grounds|value"):
        grounds.read(body)


@pytest.mark.parametrize("kind", Kind)
def test_every_cause_is_a_sentence(kind: Kind) -> None:
    assert cause.said(Cause(kind, "name", "changed", "a", "b", 3, 2)).strip()


def test_only_stages_on_the_way_to_the_target_count() -> None:
    made = Source(target="deps").make()
    assert [one.line for one in made.grounds.steps] == [1, 2, 3]


def test_what_a_stage_in_the_file_triggers_is_read_with_its_files() -> None:
    text = "FROM python:3 AS low\nONBUILD COPY src /src\nFROM low\nRUN end\n"
    made = Source(text).make()
    assert [(one.stage, one.line, one.reads) for one in made.grounds.steps][2] == ("stage-1", None, (("", "/src"),))


@pytest.mark.parametrize(
    ("old", "new", "ran", "words"),
    [
        pytest.param("RUN end", "RUN new\nRUN end", 7, "line 7, RUN new, ran: it is new", id="new"),
        pytest.param("RUN end", "RUN fin", 7, "line 7, RUN fin, ran: it was `RUN end`", id="edited"),
        pytest.param(
            "COPY lock .\n", "", 2, "line 2, RUN install, ran again: a line before it is gone: `COPY lock .`", id="gone"
        ),
    ],
)
def test_a_line_of_the_dockerfile_is_said_as_it_is(old: str, new: str, ran: int, words: str) -> None:
    found = why(replace(ORIGINAL, text=TEXT.replace(old, new)).make(), (ran,), ORIGINAL.make())
    assert found.words() == f"web: {words}"


def test_the_look_back_ends_where_every_step_was_had_on_the_same_engine(tmp_path: Path) -> None:
    settings = config.load(tmp_path, {})
    made = {
        "old": replace(ORIGINAL, files={**FILES, "src/a": "0"}).make(),
        "same": ORIGINAL.make(),
        "elsewhere": replace(ORIGINAL, engine="there").make(),
        "newest": replace(ORIGINAL, files={**FILES, "lock": "2"}).make(),
    }
    for day, one in enumerate(made.values(), start=1):
        kept = explaining.keep(Gathered(one.grounds, {}), Why("web"))
        ledger.append(settings, [build(started=f"2026-01-0{day}T00:00:00+00:00")], grounds={"web": kept})

    def seen(here: Made) -> list[int]:
        return [one.id for one in explaining.look_back(settings, "web", "build", here.grounds)]

    assert seen(made["newest"]) == [4]
    assert seen(made["same"]) == [4, 3, 2]
    assert seen(replace(ORIGINAL, files={**FILES, "src/a": "new"}).make()) == [4, 3, 2, 1]
    assert seen(replace(ORIGINAL, key="another").make()) == [4, 3, 2, 1]


def test_a_step_from_the_cache_has_the_bytes_of_the_build_that_had_it_last(tmp_path: Path) -> None:
    settings = config.load(tmp_path, {})
    first = ORIGINAL.make()
    edited = replace(ORIGINAL, text=f"# moved\n{TEXT}", files={**FILES, "src/a": "b"}).make()
    elsewhere = replace(ORIGINAL, engine="there").make()
    ledger.append(settings, [build(detail=tuple(replace(one, bytes=one.line) for one in steps(first)))])

    def recalled(made: Made, *ran: int, past: Made = first) -> dict[int | None, int | None]:
        found = explaining.recall(settings, [past.past()], steps(made, *ran), Gathered(made.grounds, {}))
        return {one.line: one.bytes for one in found}

    assert recalled(first) == {2: 2, 3: 3, 5: 5, 6: 6, 7: 7}
    assert recalled(edited, 7, 8) == {3: 2, 4: 3, 6: 5, 7: None, 8: None}  # the same steps, a line further down
    assert recalled(edited) == {3: 2, 4: 3, 6: 5, 7: None, 8: None}  # of files that no build is known to have had
    assert set(recalled(first, past=elsewhere).values()) == {None}
