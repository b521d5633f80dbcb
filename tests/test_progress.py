"""BuildKit's events as steps."""

import base64
from typing import Any

import pytest

from drydock.builds.progress import Progress
from drydock.builds.told import Finished, Output, Warned
from drydock.builds.vertex import place
from drydock.causes import veil

TWO = {"web": "web", "api_1": "api.1"}
EPOCH = "2026-01-01T00:00:"


def at(seconds: float) -> str:
    return f"{EPOCH}{seconds:012.9f}Z"


def vertex(
    digest: str, name: str, start: float | None = None, end: float | None = None, **words: Any
) -> dict[str, Any]:
    times = {"started": at(start)} if start is not None else {}
    return {"vertexes": [{"digest": digest, "name": name, **times, **({"completed": at(end)} if end else {}), **words}]}


def log(digest: str, text: str) -> dict[str, Any]:
    return {"logs": [{"vertex": digest, "data": base64.b64encode(text.encode()).decode()}]}


def told(targets: dict[str, str], *events: dict[str, Any]) -> tuple[Progress, list[Any]]:
    progress, happened = Progress(targets), list[Any]()
    for event in events:
        happened += progress.absorb(event)
    return progress, happened


@pytest.mark.parametrize(
    ("name", "targets", "image", "stage", "index", "count", "text"),
    [
        ("[web builder 2/4] RUN make", TWO, "web", "builder", 2, 4, "RUN make"),
        ("[api_1 builder  2/12] RUN make", TWO, "api.1", "builder", 2, 12, "RUN make"),
        ("[web linux/amd64 builder 2/4] RUN make", TWO, "web", "builder", 2, 4, "RUN make"),
        ("[web linux/arm64->amd64 2/4] RUN [ -e x ]", TWO, "web", "stage-0", 2, 4, "RUN [ -e x ]"),
        # With a single target BuildKit writes none, so a first word is a stage even if it looks like an image.
        ("[web 1/2] COPY . .", {"only": "web"}, "web", "web", 1, 2, "COPY . ."),
        ("[1/2] RUN a\nb", {"only": "web"}, "web", "stage-0", 1, 2, "RUN a\nb"),
        ("[web internal] load build context", TWO, "web", "", 0, 0, "load build context"),
        ("[internal] load local bake definitions", TWO, "", "", 0, 0, "load local bake definitions"),
        ("exporting to image", {"only": "web"}, "web", "", 0, 0, "exporting to image"),
    ],
)
def test_the_name_of_a_vertex_says_image_stage_and_position(
    name: str, targets: dict[str, str], image: str, stage: str, index: int, count: int, text: str
) -> None:
    found = place(name, targets)
    assert (found.image, found.stage, found.index, found.count, found.text) == (image, stage, index, count, text)


def test_a_step_counts_the_time_it_ran_from_the_start_of_the_build() -> None:
    progress, happened = told(
        TWO,
        vertex("c", "[internal] load local bake definitions", 0, 0.5),
        vertex("1", "[web builder 2/2] RUN make"),
        vertex("1", "[web builder 2/2] RUN make", 1),
        vertex("1", "[web builder 2/2] RUN make", 1, 3.5),
    )
    ((step, _),) = progress.steps("web")
    assert [step.started, step.seconds] == pytest.approx([1, 2.5])
    assert not step.cached
    assert [type(one) for one in happened] == [Finished]
    assert progress.steps("api.1") == ()


def test_a_step_from_the_cache_took_no_time() -> None:
    progress, _ = told(TWO, vertex("1", "[web 2/2] RUN make", 1, 1.2, cached=True))
    ((step, _),) = progress.steps("web")
    assert (step.cached, step.seconds) == (True, 0)


def test_a_base_and_housekeeping_are_no_steps() -> None:
    progress, _ = told(
        TWO,
        vertex("1", "[web builder 1/2] FROM python:3.12-slim", 1, 2),
        vertex("2", "[web context python:3.12-slim] some/other", 1, 2),
        vertex("3", "[web internal] load .dockerignore", 1, 2),
        vertex("4", "[web] exporting to image", 1, 2),
    )
    assert progress.steps("web") == ()
    assert progress.based("web") == {"builder"}
    assert progress.is_exported("web")
    assert not progress.is_exported("api.1")


def test_one_digest_in_two_images_is_a_step_of_each() -> None:
    progress, _ = told(TWO, vertex("1", "[web 2/2] RUN x", 1, 2), vertex("1", "[api_1 2/2] RUN x", 1, 2))
    assert [len(progress.steps(image)) for image in ("web", "api.1")] == [1, 1]


def test_what_ran_for_one_image_and_was_then_found_for_another_is_one_step_that_ran() -> None:
    progress, happened = told(
        TWO,
        vertex("1", "[web 2/2] COPY . .", 1, 2),
        vertex("2", "[web 2/2] COPY . .", 2, 2.1, cached=True),
    )
    ((step, _),) = progress.steps("web")
    assert not step.cached
    assert step.seconds == pytest.approx(1)
    assert len(happened) == 1


def test_the_context_counts_what_was_sent_of_it_and_of_named_contexts_only() -> None:
    def moved(digest: str, what: str, *sizes: int) -> list[dict[str, Any]]:
        return [{"statuses": [{"vertex": digest, "id": what, "current": size}]} for size in sizes]

    progress, _ = told(
        TWO,
        vertex("1", "[web internal] load build context", 1, 2),
        *moved("1", "transferring context:", 10, 400),
        vertex("2", "[web context tests] load from client", 1, 2),
        *moved("2", "transferring tests:", 30),
        vertex("3", "[web internal] load build definition from Dockerfile", 1, 2),
        *moved("3", "transferring dockerfile:", 999),
    )
    assert progress.context_bytes("web") == 430
    assert progress.context_bytes("api.1") == 0


@pytest.mark.parametrize("cancelled", [9, 7], ids=["after it", "told as over before it"])
def test_the_first_failure_is_the_cause_and_has_its_last_lines(cancelled: int) -> None:
    lines = "".join(f"line {number}\n" for number in range(100))
    progress, happened = told(
        TWO,
        vertex("1", "[web 2/2] RUN long", 1),
        vertex("2", "[api_1 2/2] RUN bad", 1),
        log("2", lines),
        vertex("1", "[web 2/2] RUN long", 1, cancelled, error="context canceled"),
        vertex("2", "[api_1 2/2] RUN bad", 1, 8, error="exit code: 3"),
    )
    broken = progress.broken()
    assert broken is not None
    assert (broken.step.image, broken.step.error) == ("api.1", "exit code: 3")
    assert broken.log[-1] == "line 99"
    assert len(broken.log) == 30
    assert [one.image for one in happened if isinstance(one, Output)] == ["api.1"]


def test_a_warning_is_told_once() -> None:
    event = {"warnings": [{"vertex": "1", "short": base64.b64encode(b"use JSON for CMD").decode()}]}
    _, happened = told(TWO, event, event)
    assert happened == [Warned("use JSON for CMD")]


def test_a_snapshot_says_how_far_each_image_is_and_what_is_expected() -> None:
    progress, _ = told(
        TWO,
        vertex("0", "[web 1/3] COPY a b", 0, 1, cached=True),
        vertex("1", "[web 2/3] RUN long", 1),
        vertex("2", "[web 3/3] RUN next"),
        vertex("9", "[api_1 1/1] COPY . .", 2, 4),
    )
    web, api = progress.snapshot({("web", "stage-0", "RUN long"): 10.0, ("web", "stage-0", "RUN next"): 5.0}).images
    assert (web.total, web.done, web.cached, web.step) == (3, 1, 1, "stage-0: RUN long")
    assert web.expected == pytest.approx(4 + 7 + 5)  # elapsed, what is left of the running step, the next one
    assert (api.expected, api.over) == (None, False)


def test_a_secret_that_comes_in_two_pieces_is_hidden_wherever_it_is_told() -> None:
    progress, happened = Progress(TWO, veil.over([("TOKEN", "hunter22-long")])), list[Any]()
    name = "[web 2/2] RUN x"
    for event in (vertex("1", name, 1), log("1", "a hunter"), log("1", "22-long b\nhunter22"), log("1", "-long")):
        happened += progress.absorb(event)
    assert [one.lines for one in happened if isinstance(one, Output)] == [("a $TOKEN b",)]
    happened = list(progress.absorb(vertex("1", name, 1, 2, error="failed")))
    assert [one.lines for one in happened if isinstance(one, Output)] == [("$TOKEN",)]
    broken = progress.broken()
    assert broken is not None
    assert broken.log == ("a $TOKEN b", "$TOKEN")


def test_a_line_without_an_end_is_in_the_log_of_a_step_that_is_cut_off() -> None:
    progress = Progress(TWO, veil.over([("TOKEN", "hunter22-long")]))
    error = {"vertexes": [{"digest": "1", "name": "[web 2/2] RUN x", "started": at(1), "error": "cancelled"}]}
    for event in (error, log("1", "one\nhunter22-long")):
        list(progress.absorb(event))
    broken = progress.broken()
    assert broken is not None
    assert broken.log == ("one", "$TOKEN")


def test_caches_that_came_and_that_were_not_kept_are_known_by_image() -> None:
    progress, _ = told(
        {"web": "web"},
        vertex("1", "importing cache manifest from r/a", 0, 1),
        vertex("2", "importing cache manifest from r/b", 0, 1, error="gone"),
        vertex("3", "exporting cache to registry", 1, 2, error="refused"),
        vertex("4", "exporting to GitHub Actions Cache", 1, 2, error="maximum timeout reached"),
    )
    assert (progress.imported("web"), progress.unimported("web")) == (("r/a",), ("r/b",))
    assert progress.unexported() == (
        ("web", "registry: refused"),
        ("web", "GitHub Actions Cache: maximum timeout reached"),
    )
