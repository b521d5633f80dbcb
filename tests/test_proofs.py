"""Proofs decide by what was seen: which differences are announced, what is worse than before, which fixes stay."""

import io
import tarfile
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from drydock.proofs import announcements, application, behaviour, gains, settings, settling, timing, variant
from drydock.proofs.application import Context
from drydock.proofs.behaviour import Seen
from drydock.proofs.gains import Timed
from drydock.proofs.variant import Made, Variant

IMAGE: Mapping[str, Any] = {
    "Cmd": ["python", "app.py"],
    "Entrypoint": None,
    "User": "",
    "Env": ["PATH=/bin", "KEY=secret"],
    "ExposedPorts": {"8000/tcp": {}},
    "WorkingDir": "/srv",
    "Healthcheck": {"Test": ["CMD", "true"], "Interval": 30},
    "StopSignal": "SIGINT",
    "Volumes": {"/data": {}},
}
PLAIN = {
    "command": '["python", "app.py"]',
    "environment KEY": "=secret",
    "environment PATH": "=/bin",
    "health check": '{"Interval": 30, "Test": ["CMD", "true"]}',
    "port 8000/tcp": "declared",
    "stop signal": "SIGINT",
    "volume /data": "declared",
    "work directory": "/srv",
}


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        ({}, {}),
        ({"command": ["run", "$$HOME"]}, {"command": '["run", "$HOME"]'}),
        ({"entrypoint": ["/start"]}, {"entrypoint": '["/start"]', "command": ""}),
        ({"entrypoint": ["/s"], "command": ["x"]}, {"entrypoint": '["/s"]', "command": '["x"]'}),
        ({"user": 0}, {}),
        ({"user": "app"}, {"user": "app"}),
        ({"environment": {"KEY": "other", "GONE": None}}, {"environment KEY": "=other"}),
        ({"working_dir": "/other"}, {"work directory": "/other"}),
        ({"expose": ["9000"]}, {"port 9000/tcp": "declared"}),
        (
            {"ports": [{"target": 80, "published": "8080", "protocol": "tcp", "host_ip": "127.0.0.1"}]},
            {"port 80/tcp": "declared", "published port 80/tcp": "127.0.0.1:8080"},
        ),
        ({"volumes": [{"type": "bind", "source": "/x", "target": "/srv"}]}, {"volume /srv": "bind"}),
        ({"healthcheck": {"test": ["NONE"]}}, {"health check": '{"test": ["NONE"]}'}),
        ({"stop_signal": "SIGQUIT"}, {"stop signal": "SIGQUIT"}),
    ],
    ids=[
        "nothing said",
        "a command, its dollar doubled by compose",
        "an entrypoint empties the command",
        "both",
        "root is root",
        "a user",
        "a variable over that of the image, one without value",
        "a folder",
        "a port for others",
        "a published port",
        "a mount",
        "no health check",
        "a signal",
    ],
)
def test_what_compose_says_replaces_what_the_image_says(
    service: Mapping[str, Any], expected: Mapping[str, str]
) -> None:
    wanted = {name: value for name, value in {**PLAIN, **expected}.items() if value}
    assert settings.of(IMAGE, service) == wanted


def test_the_value_of_a_variable_is_never_told() -> None:
    (one,) = settings.differences(settings.of(IMAGE, {}), settings.of(IMAGE, {"environment": {"KEY": "hidden"}}))
    assert one.words == "environment KEY is another"


@pytest.mark.parametrize(
    ("name", "code", "announced"),
    [
        ("environment PYTHONUNBUFFERED", "python-env-missing", True),
        ("environment PYTHONPATH", "python-env-missing", False),
        ("environment PIP_NO_CACHE_DIR", "cache-mount-defeated", True),
        ("user", "root-user", True),
        ("user", "python-env-missing", False),
        ("command", "root-user", False),
        ("hidden file /srv/.env", "ignore-missing", True),
        ("file /srv/app.py", "ignore-missing", False),
        ("package pip pytest", "dev-dependencies-in-image", True),
        ("package pip pytest", "install-without-cache-mount", False),
        ("user", "unheard-of", False),
    ],
)
def test_a_rule_announces_what_its_fix_is_for_and_nothing_else(name: str, code: str, announced: bool) -> None:
    assert (announcements.announcing([name], [code]) == {name: code}) is announced


def test_a_rule_that_takes_packages_away_must_not_add_or_change_one() -> None:
    before = Made("web", packages={"package pip a": "1", "package pip b": "1"}, is_read=True)
    after = Made("web", packages={"package pip b": "2", "package pip c": "1"}, is_read=True)
    found = variant.differences(before, after, ("dev-dependencies-in-image",), frozenset())
    assert {one.name: bool(one.announced) for one in found} == {
        "package pip a": True,
        "package pip b": False,
        "package pip c": False,
    }


DIGESTS = {"app.py": "1", "notes.md": "2", "Dockerfile": "3", "copy.py": "1"}
CONTEXT = Context(DIGESTS, frozenset(DIGESTS))


@pytest.mark.parametrize(
    ("after", "visible", "expected"),
    [
        ({"srv/app.py": "1", "srv/notes.md": "2"}, set(DIGESTS), []),
        ({"srv/app.py": "9", "srv/notes.md": "2"}, set(DIGESTS), ["file /srv/app.py: copied -> another"]),
        ({"srv/notes.md": "2"}, set(DIGESTS), ["file /srv/app.py: copied -> missing"]),
        ({"srv/app.py": "1"}, {"app.py"}, ["hidden file /srv/notes.md: copied -> missing"]),
        ({"srv/notes.md": "2"}, {"copy.py", "notes.md"}, ["file /srv/app.py: copied -> missing"]),
    ],
    ids=["the same", "other content", "gone", "hidden by an ignore file", "gone, though one copy of it is seen"],
)
def test_what_was_copied_must_still_be_there(after: Mapping[str, str], visible: set[str], expected: list[str]) -> None:
    before = {"srv/app.py": "1", "srv/notes.md": "2", "srv/Dockerfile": "3", "srv/made.txt": "8"}
    now = Context(DIGESTS, frozenset(visible))
    found = application.compare(before, after, CONTEXT, now, {"Dockerfile"})
    assert [one.words for one in found] == expected


def test_files_of_packages_and_empty_ones_are_none_of_the_application() -> None:
    archive = io.BytesIO()
    names = ("srv/app.py", "srv/empty.py", "usr/local/lib/python3.12/site-packages/a.py", "srv/node_modules/a/a.js")
    with tarfile.open(fileobj=archive, mode="w") as made:
        for name in names:
            data = b"" if "empty" in name else b"A = 1\n"
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            made.addfile(entry, io.BytesIO(data))
    archive.seek(0)
    assert set(application.shipped(archive, {0, 6})) == {"srv/app.py"}


UP = Seen("web", "running", 0, "healthy", {8000: True, 9000: False}, {"8000 /": 200}, ("error: #",))
ENDED = Seen("job", "exited", 0)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (UP, UP, ""),
        (UP, Seen("web", "exited", 3, said="no module"), "web ends with exit code 3: no module; before it is healthy"),
        (UP, Seen("web", "running", 0, "starting"), "web is starting; before it is healthy"),
        (UP, Seen("web", "not there"), "web does not start; before it is healthy"),
        (UP, Seen("web", "running", 0, "healthy", {8000: False}), "port 8000 answered before and does not any more"),
        (
            UP,
            Seen("web", "running", 0, "healthy", {8000: True}, {"8000 /": 500}),
            "8000 / answered 200 before, 500 now",
        ),
        (UP, Seen("web", "running", 0, "healthy", {8000: True}), "8000 / answered 200 before, nothing now"),
        (
            UP,
            Seen("web", "running", 0, "healthy", {8000: True}, {"8000 /": 200}, ("fatal: #",)),
            "its log has a line that was not there before: fatal: #",
        ),
        (ENDED, ENDED, ""),
        (ENDED, Seen("job", "exited", 1), "job ends with exit code 1"),
        (ENDED, Seen("job", "running"), "job is running; before it ends with exit code 0"),
        (Seen("web", "exited", 2), Seen("web", "exited", 2), ""),
        (Seen("web", "exited", 2), Seen("web", "running"), ""),
        (
            Seen("web", "exited", 2),
            Seen("web", "exited", 1),
            "web ends with exit code 1; before it ends with exit code 2",
        ),
    ],
    ids=[
        "the same",
        "it ends",
        "it is never healthy",
        "it is not there",
        "a port is closed",
        "another status",
        "no answer",
        "a new error in the log",
        "a job that ends well",
        "a job that fails",
        "a job that does not end",
        "it failed as before",
        "it failed, and runs",
        "it fails in another way",
    ],
)
def test_a_service_has_to_behave_as_before(before: Seen, after: Seen, words: str) -> None:
    found = behaviour.worse(before, after)
    assert words in "\n".join(found)
    assert bool(found) is bool(words)


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (Seen("web", "running", 0, "healthy", {80: True}), ""),
        (Seen("web", "running", 0, "healthy"), ""),
        (Seen("web", "running", 0, "", {80: True}), ""),
        (Seen("web", "running"), "it has no health check and no port is declared: only that it keeps running was seen"),
        (Seen("web", "running", 0, "", {80: False}), "no port that it declares answers: only that it keeps running"),
        (Seen("web", "exited", 1, said="no db"), "it ends with exit code 1: no db here before any fix too"),
        (Seen("web", "exited", 0), "only its exit code was compared"),
    ],
    ids=["healthy and open", "healthy", "open", "silent", "closed", "failing", "a job"],
)
def test_what_a_start_cannot_show_is_said(before: Seen, words: str) -> None:
    found = "\n".join(behaviour.unestablished(before))
    assert (words in found) if words else not found


def test_lines_of_trouble_are_the_same_whatever_their_numbers() -> None:
    log = "12:01 ERROR at 0x7f12ab: 3\nfine\n12:02 ERROR at 0x7f99: 1\nterror\nTraceback (last):"
    assert behaviour.troubles(log) == ("#:# ERROR at #: #", "Traceback (last):")


@pytest.mark.parametrize(
    ("failing", "kept", "asked"),
    [
        (set(), "abcdefgh", 1),
        ({"c"}, "abdefgh", 7),
        ({"a", "h"}, "bcdefg", 11),
        (set("abcdefgh"), "", 15),
    ],
    ids=["all hold", "one fails", "two fail", "none holds"],
)
def test_what_fails_is_found_in_halves(failing: set[str], kept: str, asked: int) -> None:
    questions = list[Sequence[str]]()

    def judge(some: Sequence[str]) -> str:
        questions.append(some)
        return f"{sorted(failing & set(some))[0]} fails" if failing & set(some) else ""

    settled = settling.settle("abcdefgh", judge)
    assert ("".join(settled.kept), dict(settled.refused)) == (kept, {one: f"{one} fails" for one in failing})
    assert len(questions) == asked
    assert not settled.kept or settled.kept in questions


def test_of_two_that_fail_only_together_one_stays() -> None:
    settled = settling.settle("ab", lambda some: "they meet" if len(some) > 1 else "")
    assert (settled.kept, settled.refused) == (("a",), {"b": "they meet"})


def test_nothing_to_settle_asks_nobody() -> None:
    assert settling.settle((), lambda _: pytest.fail("asked")).kept == ()


@pytest.mark.parametrize(
    ("before", "after", "better"),
    [
        ((2.0, 2.2), (1.0, 1.2), True),
        ((1.0, 1.2), (2.0, 2.2), False),
        ((1.0, 2.2), (0.9, 1.2), None),
        ((0.30, 0.31), (0.10, 0.11), None),
        ((10.0, 10.1), (9.5, 9.6), None),
        ((2.7,), (3.6,), None),
    ],
    ids=["faster", "slower", "the runs overlap", "too little in seconds", "too little in proportion", "one run each"],
)
def test_times_differ_only_beyond_the_spread(
    before: tuple[float, ...], after: tuple[float, ...], better: bool | None
) -> None:
    found = gains.times({"source edit": Timed(before, 3)}, {"source edit": Timed(after, 3)})
    assert found[0].better is better


def test_fewer_steps_after_an_edit_are_a_gain_whatever_the_clock_says() -> None:
    found = gains.times({"source edit": Timed((1.0,), 3)}, {"source edit": Timed((1.0,), 1)})
    assert [one.better for one in found] == [None, True]


SAME = gains.sizes({"disk_bytes": 10_000_000}, {"disk_bytes": 10_000_000})
SMALLER = gains.sizes({"disk_bytes": 10_000_000}, {"disk_bytes": 9_000_000})
EVEN = gains.times({"source edit": Timed((1.0,), 3)}, {"source edit": Timed((1.0,), 3)})
SLOWER = gains.times({"source edit": Timed((1.0, 1.1), 3)}, {"source edit": Timed((9.0, 9.1), 3)})


@pytest.mark.parametrize(
    ("code", "sized", "timed", "idle"),
    [
        ("single-stage", SAME, EVEN, True),
        ("single-stage", SMALLER, EVEN, False),
        ("manifest-after-source", SAME, EVEN, True),
        ("manifest-after-source", SMALLER, EVEN, False),
        ("manifest-after-source", SMALLER, SLOWER, True),
        ("manifest-after-source", SAME, (), False),
        ("install-without-cache-mount", SAME, EVEN, False),
        ("python-env-missing", SAME, EVEN, False),
    ],
    ids=[
        "promised bytes, none saved",
        "promised bytes, some saved",
        "promised time, nothing saved",
        "promised time, saved bytes",
        "promised time, takes longer",
        "promised time, nothing could be timed",
        "promised time after another edit, which was not timed",
        "promised neither",
    ],
)
def test_a_fix_that_keeps_no_promise_is_idle(code: str, sized: Any, timed: Any, idle: bool) -> None:
    assert bool(gains.idle([code], sized, timed)) is idle


def test_without_a_run_nothing_is_timed() -> None:
    nothing: Any = None
    assert timing.times(nothing, nothing, nothing, ["web"], 0) == ({}, ())


def test_one_run_of_each_scenario_takes_nothing_back() -> None:
    assert gains.idle(["manifest-after-source"], SAME, EVEN, runs=1) == {}


def test_an_image_that_did_not_build_before_is_never_blamed() -> None:
    before = Variant({"a": Made("a", "no base"), "b": Made("b")})
    after = Variant({"a": Made("a", "no base"), "b": Made("b", "Dockerfile:3: exit code: 1")})
    assert list(variant.objections(before, after, {}, {})) == ["b does not build: Dockerfile:3: exit code: 1"]
    assert "a does not build before any fix: no base" in variant.unestablished(before)
