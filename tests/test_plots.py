"""Pictures: the same bytes for the same figures, readable in light and dark and by those who do not see them."""

import copy
import json
import os
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drydock.documents import axes, plots, svg, terminal, waterfall
from drydock.documents.plots import Pair, Runs
from drydock.documents.waterfall import Bar
from drydock.errors import Misuse
from drydock.measures import pictures

PROJECT = Path(__file__).resolve().parent.parent
SPACE = "{http://www.w3.org/2000/svg}"
STEPS = [
    ("deps", "FROM node:20-alpine", 0.0, 0.0, True, False),
    ("deps", "RUN --mount=type=cache,target=/root/.npm A=b npm ci", 0.1, 0.0, True, False),
    ("builder", "COPY . .", 0.2, 0.05, False, True),
    ("modules", "COPY a <b> & c", 0.2, 0.4, False, False),
    ("builder", "RUN npm run build", 0.3, 6.2, False, True),
    ("", "exporting to image", 6.5, 0.3, False, True),
]
KEYS = ("stage", "instruction", "started", "seconds", "cached", "critical")


def capture() -> dict[str, Any]:
    steps = [dict(zip(KEYS, step, strict=True)) for step in STEPS]
    slow = [{**step, "instruction": "SLOW"} for step in steps]
    plan = {
        "scenarios": {
            "cold": {"seconds": [5.0, 6.0, 4.0], "steps": [slow, slow, slow]},
            "source edit": {"seconds": [7.4, 6.9, 7.1], "steps": [slow, slow, steps]},
        },
        "disk_bytes": 210_000_000,
        "pull_bytes": 75_000_000,
        "own_bytes": 13_000_000,
    }
    before = {"scenarios": {"cold": {"seconds": [9.0, 8.0, 99.0]}}, "disk_bytes": 976_000_000}
    return {
        "schema": 1,
        "kind": "scenarios",
        "date": "2026-01-02T03:04:05+00:00",
        "machine": "2 cores, 24 GiB, Linux x86_64",
        "versions": {"engine": "26.1.5"},
        "bases": [{"name": "node:20-alpine", "origin": "standin"}],
        "runs": 3,
        "together": {"plan": {"seconds": [11.0, 12.0, 13.0]}, "baseline": {"seconds": [20.0, 21.0, 22.0]}},
        "images": {"web": {"plan": plan, "baseline": before}, "api": {"plan": copy.deepcopy(plan)}},
    }


def drawn() -> dict[str, pictures.Picture]:
    document = capture()
    return {
        "sizes": pictures.sizes(document, []),
        "times": pictures.times(document, []),
        "steps": pictures.steps(document, ["web", "source-edit"]),
    }


def screen(*outs: str) -> pictures.Picture:
    document = {**capture(), "kind": "terminal", "commands": [{"line": "inv size", "out": out} for out in outs]}
    return pictures.screen(document, [])


def texts(picture: str) -> list[str]:
    return ["".join(node.itertext()) for node in ElementTree.fromstring(picture).iter(f"{SPACE}text")]  # noqa: S314


@pytest.mark.parametrize("kind", ["sizes", "times", "steps"])
def test_a_picture_says_what_it_shows_and_fetches_nothing(kind: str) -> None:
    picture = drawn()[kind]
    root = ElementTree.fromstring(picture.svg)  # noqa: S314
    assert root.get("role") == "img"
    labelled = (root.get("aria-labelledby") or "").split()
    assert [node.get("id") for node in root][:2] == labelled
    assert picture.alternative == f"{root[0].text}. {root[1].text}"
    assert not re.search(r"<script|href|@import|url\(|<image|<foreignObject", picture.svg)
    assert "http" not in picture.svg.replace('xmlns="http://www.w3.org/2000/svg"', "")


@pytest.mark.parametrize("kind", ["sizes", "times", "steps"])
def test_every_mark_has_a_colour_for_light_and_for_dark(kind: str) -> None:
    root = ElementTree.fromstring(drawn()[kind].svg)  # noqa: S314
    light, dark = (root.findtext(f"{SPACE}style") or "").split("@media (prefers-color-scheme: dark)")
    used = {name for node in root.iter() for name in (node.get("class") or "").split()}
    for name in used & set(svg.COLOURS):
        assert f".{name} {{ " in light
        assert f".{name} {{ " in dark
    marks = [node for node in root.iter() if node.tag in {SPACE + tag for tag in ("text", "rect", "line", "circle")}]
    assert all(set((node.get("class") or "").split()) & set(svg.COLOURS) for node in marks)


def luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", [1, 2], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("name", "least"), [("ink", 4.5), ("faint", 4.5), ("before", 3.0), ("after", 3.0)], ids=lambda value: str(value)
)
def test_colours_stand_out_from_the_paper(name: str, least: float, scheme: int) -> None:
    pair = sorted((luminance(svg.COLOURS[one][scheme]) for one in (name, "paper")), reverse=True)
    assert (pair[0] + 0.05) / (pair[1] + 0.05) >= least


def test_sizes_are_said_in_units_that_people_read_with_their_ratio() -> None:
    said = texts(drawn()["sizes"].svg)
    assert {"976 MB", "210 MB  (0.22)", "75.0 MB", "web", "api", "unpacked", "0 B", "1.0 GB"} <= set(said)
    assert "web, unpacked: 976 MB before, 210 MB after" in drawn()["sizes"].alternative
    assert "api, unpacked: 210 MB;" in drawn()["sizes"].alternative


def test_times_stand_on_a_logarithmic_axis_at_their_median_with_their_spread() -> None:
    picture = drawn()["times"].svg
    assert {"9.00 s", "5.00 s  (0.56)", "7.10 s", "5 s", "100 s"} <= set(texts(picture))
    axis = axes.log(4.0, 99.0, plots.LEFT, plots.WIDTH - plots.LEFT - plots.RIGHT)
    for second in (8.0, 99.0):  # the ends of the spread of web, cold, before
        assert f'x1="{axis.at(second):.1f}"'.replace('.0"', '"') in picture
    assert axis.at(50.0) - axis.at(5.0) == pytest.approx(axis.at(100.0) - axis.at(10.0))


def test_building_both_at_once_has_a_row_of_its_own_where_it_was_timed() -> None:
    assert {"all images", "both at once", "12.0 s  (0.57)"} <= set(texts(drawn()["times"].svg))
    assert "both at once" not in pictures.times(capture(), ["web"]).svg


def test_where_there_was_no_before_no_picture_explains_one() -> None:
    document = capture()
    del document["images"]["web"]["baseline"], document["together"]
    assert not {"before", "all images"} & set(texts(pictures.times(document, []).svg))
    assert "before" in texts(drawn()["sizes"].svg)


def test_the_waterfall_shows_the_median_run_with_cached_and_critical_steps_told_apart() -> None:
    picture = drawn()["steps"]
    said = texts(picture.svg)
    assert "deps: RUN npm ci" in said  # what it runs, not how it is mounted
    assert "modules: COPY a <b> & c" in said
    assert not any("SLOW" in line for line in said)
    assert said.count("cached") == 2
    assert picture.svg.count('<polygon class="before"') == 3 + 1  # the critical path, and the legend
    assert picture.alternative.startswith("The steps of web, source edit. 6 steps, 2 of them from the cache.")
    assert "the median one of 3 runs" in picture.svg


def test_stand_ins_are_said_in_every_picture_and_only_where_there_are_any() -> None:
    document = {**capture(), "bases": [{"name": "node:20-alpine", "origin": "pulled"}]}
    assert all("bases are stand-ins" in picture.svg for picture in drawn().values())
    assert "stand-in" not in pictures.sizes(document, []).svg


@pytest.mark.parametrize("kind", ["sizes", "times", "steps"])
def test_no_label_lies_on_another_or_leaves_the_picture(kind: str) -> None:
    root = ElementTree.fromstring(drawn()[kind].svg)  # noqa: S314
    wide = {"code": 6.7, "small": 6.0, "value": 6.0, "title": 9.0}  # points for a sign in a wide font; else 7
    rows: dict[str, list[tuple[float, float]]] = {}
    for node in root.iter(f"{SPACE}text"):
        names, x = (node.get("class") or "").split(), float(node.get("x") or 0)
        length = max(wide.get(name, 0) for name in names) or 7.0
        length *= len(node.text or "")
        left = x - (length if "end" in names else length / 2 if "middle" in names else 0)
        rows.setdefault(node.get("y") or "", []).append((left, left + length))
    for spans in rows.values():
        assert min(left for left, _ in spans) >= 0
        assert max(right for _, right in spans) <= plots.WIDTH
        assert all(first[1] <= second[0] + 8 for first, second in pairwise(sorted(spans)))


def test_another_machine_writes_the_same_bytes() -> None:
    """Another hash seed, another locale, and no package but the standard library."""
    code = (
        "import json, sys\nfrom drydock.measures import pictures\ndocument = json.load(sys.stdin)\n"
        "made = [pictures.sizes(document, []), pictures.times(document, []), "
        "pictures.steps(document, ['web', 'source-edit'])]\n"
        "sys.stdout.buffer.write(''.join(m.svg for m in made).encode())"
    )
    for seed, locale in (("1", "C"), ("2", "de_DE.UTF-8"), ("3", "tr_TR.UTF-8")):
        environ = {**os.environ, "PYTHONHASHSEED": seed, "LC_ALL": locale, "PYTHONPATH": str(PROJECT)}
        asked = json.dumps(capture()).encode()
        out = subprocess.run([sys.executable, "-c", code], input=asked, env=environ, capture_output=True, check=True)
        assert out.stdout.decode() == "".join(picture.svg for picture in drawn().values())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(("web",), "need an image and a scenario", id="no scenario"),
        pytest.param(("none", "cold"), "the capture has no image none", id="no such image"),
        pytest.param(
            ("web", "never"), r"no steps of web, never, plan \(known: cold, source-edit\)", id="no such scenario"
        ),
        pytest.param(("web", "cold", "baseline"), "no steps of web, cold, baseline", id="no steps of the baseline"),
    ],
)
def test_steps_that_were_not_captured_are_named(words: tuple[str, ...], said: str) -> None:
    with pytest.raises(Misuse, match=said):
        pictures.steps(capture(), words)


def test_a_capture_of_one_state_cannot_be_drawn_as_before_and_after() -> None:
    with pytest.raises(Misuse, match="a capture of kind size cannot be drawn"):
        pictures.sizes({**capture(), "kind": "size", "images": [{"name": "web"}]}, [])


def test_signs_that_xml_cannot_hold_are_replaced() -> None:
    ElementTree.fromstring(svg.picture("a & b", "x\x1b<y>\ud800", 9, 9, [svg.text(0, 0, "\x00]]>")]))  # noqa: S314


def test_a_terminal_shows_what_was_printed_in_its_colours_and_says_it_in_words() -> None:
    picture = screen("\x1b[1mweb\x1b[0m  is \x1b[32mok\x1b[0m\x1b[K", "")
    said = [(node.get("class"), node.text) for node in ElementTree.fromstring(picture.svg).iter(f"{SPACE}text")]  # noqa: S314
    assert said[:5] == [
        ("faint code", "$ "),
        ("ink code strong", "inv size"),
        ("ink strong code", "web"),
        ("ink code", "  is "),
        ("good code", "ok"),
    ]
    assert "$ inv size\nweb  is ok\n$ inv size" in picture.svg
    assert picture.alternative == "A terminal: inv size, then inv size"


def test_a_line_longer_than_the_terminal_goes_on_in_the_next_row() -> None:
    wide = "x" * terminal.COLUMNS
    assert texts(screen(wide + "rest").svg)[2:4] == [wide, "rest"]
    assert texts(screen(wide[:-4] + " a word").svg)[2:4] == [wide[:-4] + " a", "word"]


VALUES = st.floats(1e-3, 1e6)


@given(VALUES, VALUES)
def test_a_log_axis_holds_both_ends_and_few_words(one: float, other: float) -> None:
    axis = axes.log(min(one, other), max(one, other), 10, 100)
    assert axis.low <= min(one, other) <= max(one, other) <= axis.high
    assert 2 <= len(axis.ticks) <= axes.MOST_TICKS + 2
    assert [axis.at(axis.low), axis.at(axis.high)] == pytest.approx([10, 110])
    assert all(a < b for a, b in pairwise(axis.ticks))


@given(st.floats(0, 1e12))
def test_a_linear_axis_begins_at_nothing_and_holds_the_most(most: float) -> None:
    axis = axes.linear(most, 10, 100)
    assert axis.low == 0
    assert axis.high >= most
    assert 2 <= len(axis.ticks) <= 7


STEP = st.builds(Bar, st.text(max_size=5), st.text(max_size=80), VALUES, VALUES, st.booleans(), st.booleans())
TIMES = st.lists(VALUES, min_size=1, max_size=4).map(tuple)


@given(st.lists(STEP, min_size=1, max_size=5), st.builds(Runs, st.just("a"), st.text(max_size=9), TIMES, TIMES))
def test_whatever_was_measured_gives_a_picture(bars: list[Bar], runs: Runs) -> None:
    for picture in (
        waterfall.waterfall("t", "c", bars),
        plots.times("t", "c", [runs]),
        plots.sizes("t", "c", [Pair("a", "b", runs.before[0], runs.after[0])]),
    ):
        ElementTree.fromstring(picture)  # noqa: S314
        assert "nan" not in picture
