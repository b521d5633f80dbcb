"""Generated documents: what each block says, and how drift is told."""

import json
from pathlib import Path
from typing import Any

import pytest

from drydock import config, tasks
from drydock.commands import docs
from drydock.documents import blocks, sources
from drydock.errors import Misuse


def trials(*seconds: float) -> dict[str, Any]:
    return {"seconds": seconds, "steps": [[] for _ in seconds]}


CAPTURE: dict[str, Any] = {
    "kind": "scenarios",
    "schema": 1,
    "command": "inv bench --baseline",
    "date": "2026-01-02T03:04:05+00:00",
    "machine": "2 cores, 24 GiB, Linux x86_64",
    "versions": {"engine": "26.1.5", "buildx": "0.13.1"},
    "store": "overlay2",
    "commit": "0123456789abcdef",
    "dirty": False,
    "bases": [{"name": "python:3.12-slim", "origin": "standin"}],
    "runs": 3,
    "images": {
        "backend": {
            "baseline": {"scenarios": {"cold": trials(12.0, 10.0, 11.0)}, "disk_bytes": 200_000_000},
            "plan": {"scenarios": {"cold": trials(5.5, 5.0, 6.0)}, "disk_bytes": 50_000_000},
        }
    },
    "notes": [],
}
EXAMPLE = (
    "# Where the page finds the API.\nPUBLIC_API_BASE_URL=http://localhost:5001\n\n# Own state.\n# DRYDOCK_HOME=~/x\n"
)
NOXFILE = '''
import nox

@nox.session
def lint(session):
    """Check style and types.

    More words.
    """

@nox.session(name="docker-test", default=False)
def docker_test(session):
    """Build and probe."""

@nox.session(default=LATER)
def computed(session):
    """Say later."""

def not_one(): ...
'''


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / ".env.example").write_text(EXAMPLE, encoding="utf-8")
    (tmp_path / "noxfile.py").write_text(NOXFILE, encoding="utf-8")
    folder = tmp_path / "docs" / "measurements"
    folder.mkdir(parents=True)
    (folder / "before-after.json").write_text(json.dumps(CAPTURE), encoding="utf-8")
    return tmp_path


def run(root: Path, *, check: bool = False) -> docs.Report:
    return docs.run(config.load(root, {}), tasks.namespace, check=check)


def block(*words: str) -> str:
    return f"<!-- drydock:{' '.join(words)} -->\n<!-- /drydock -->\n"


def body(root: Path, *words: str) -> str:
    (root / "README.md").write_text(block(*words), encoding="utf-8")
    run(root)
    return (root / "README.md").read_text(encoding="utf-8")


def test_the_task_block_names_every_task_with_its_first_line_and_flags(root: Path) -> None:
    text = body(root, "tasks")
    for name in tasks.namespace.task_names:
        assert f"| `inv {name}` |" in text
    assert "`--[no-]buildkit`" in text
    assert "`--service SERVICE…`" in text
    assert "Build all images at once and record what each step took." in text


def test_the_flags_of_one_task_are_shown_with_their_help(root: Path) -> None:
    assert "| `--cache-from CACHE-FROM…` | where to import build cache from; repeat for several |" in body(
        root, "flags", "build"
    )


def test_the_environment_block_says_default_and_purpose(root: Path) -> None:
    text = body(root, "environment")
    assert "| `PUBLIC_API_BASE_URL` | `http://localhost:5001` | Where the page finds the API. |" in text
    assert "| `DRYDOCK_HOME` | unset | Own state. |" in text


def test_a_comment_explains_all_variables_up_to_the_next_empty_line() -> None:
    text = "# Heading.\n\n# Ports,\n# both.\nA=1\nB=2\n# Other.\nC=\n"
    found = [(v.name, v.default, v.comment) for v in blocks.variables(text, ".env.example")]
    assert found == [("A", "1", "Ports, both."), ("B", "2", "Ports, both."), ("C", "", "Other.")]


def test_a_variable_without_a_comment_is_refused_with_its_line() -> None:
    with pytest.raises(Misuse, match=r"^\.env\.example:2 "):
        blocks.variables("\nNAME=1\n", ".env.example")


def test_the_exit_code_block_comes_from_the_failures_themselves(root: Path) -> None:
    lines = [line for line in body(root, "exit-codes").splitlines() if line.startswith("| ")][1:]
    assert [line.split()[1] for line in lines if line.split()[1].isdigit()] == ["0", "1", "2", "3", "4", "130"]
    assert "| 4 | A build or a container failed |" in lines


def test_the_session_block_reads_names_docstrings_and_defaults_from_the_noxfile(root: Path) -> None:
    text = body(root, "sessions")
    assert "| `nox -s lint` | Check style and types. | yes |" in text
    assert "| `nox -s docker-test` | Build and probe. | no |" in text
    assert "| `nox -s computed` | Say later. | yes |" in text
    assert "not_one" not in text


def test_the_size_block_shows_median_spread_ratio_and_what_it_rests_on(root: Path) -> None:
    text = body(root, "table", "before-after")
    assert "| backend | cold | 11.0 s (10.0 s to 12.0 s) | 5.50 s (5.00 s to 6.00 s) | 0.50 |" in text
    assert "| backend | size unpacked | 200 MB | 50.0 MB | 0.25 |" in text
    for said in ("2026-01-02", "inv bench --baseline", "2 cores, 24 GiB", "engine 26.1.5", "Median of 3 runs"):
        assert said in text
    assert "python:3.12-slim is a stand-in" in text


def test_without_stand_ins_the_size_block_mentions_none(root: Path) -> None:
    document = {**CAPTURE, "bases": [{"name": "python:3.12-slim", "origin": "pulled"}]}
    (root / "docs/measurements/before-after.json").write_text(json.dumps(document), encoding="utf-8")
    assert "stand-in" not in body(root, "table", "before-after")


def test_the_module_block_shows_the_line_each_module_begins_with(root: Path) -> None:
    (root / "drydock" / "rules").mkdir(parents=True)
    (root / "drydock" / "z.py").write_text('"""Last letter."""\n', encoding="utf-8")
    (root / "drydock" / "rules" / "a.py").write_text('"""First letter.\n\nMore."""\n', encoding="utf-8")
    rows = [line for line in body(root, "modules").splitlines() if line.startswith("| `")]
    assert rows == ["| `drydock/z.py` | Last letter. |", "| `drydock/rules/a.py` | First letter. |"]


def test_a_second_render_leaves_the_file_alone(root: Path) -> None:
    body(root, "tasks")
    before = (root / "README.md").stat()
    assert run(root).drifts == ()
    after = (root / "README.md").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_check_names_file_block_and_remedy_and_writes_nothing(root: Path) -> None:
    text = "# x\n\n" + block("tasks")
    (root / "README.md").write_text(text, encoding="utf-8")
    report = run(root, check=True)
    assert report.code == 1
    assert "README.md:3: block tasks is out of date; mend it with: inv docs" in report.text()
    assert (root / "README.md").read_text(encoding="utf-8") == text


@pytest.mark.parametrize(
    ("source", "old", "new"),
    [
        pytest.param(".env.example", "5001", "5002", id="a default"),
        pytest.param("noxfile.py", "docker-test", "docker-tests", id="a session's name"),
        pytest.param("docs/measurements/before-after.json", "11.0", "11.9", id="a figure of the evidence"),
        pytest.param("README.md", "--[no-]buildkit", "--buildkit", id="a flag in the document"),
        pytest.param("README.md", "| 130 |", "| 131 |", id="an exit code in the document"),
    ],
)
def test_changing_a_document_or_its_source_makes_the_check_fail(root: Path, source: str, old: str, new: str) -> None:
    asked = (("tasks",), ("environment",), ("exit-codes",), ("sessions",), ("table", "before-after"))
    readme = "".join(block(*words) for words in asked)
    (root / "README.md").write_text(readme, encoding="utf-8")
    run(root)
    assert run(root, check=True).code == 0
    path = root / source
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert run(root, check=True).code == 1


def test_documents_below_docs_are_rendered_too(root: Path) -> None:
    deep = root / "docs" / "decisions" / "0001-x.md"
    deep.parent.mkdir()
    deep.write_text(block("exit-codes"), encoding="utf-8")
    assert [drift.path for drift in run(root).drifts] == ["docs/decisions/0001-x.md"]


def test_one_wrong_document_leaves_all_documents_as_they_were(root: Path) -> None:
    (root / "README.md").write_text(block("tasks"), encoding="utf-8")
    (root / "docs" / "guide.md").write_text(block("nonsense"), encoding="utf-8")
    with pytest.raises(Misuse, match=r"^docs/guide\.md:1 names an unknown block"):
        run(root)
    assert (root / "README.md").read_text(encoding="utf-8") == block("tasks")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(("table", "never-made"), "there is no capture never-made", id="a capture that is not there"),
        pytest.param(("table",), "README.md:1: the block table needs CAPTURE", id="no capture named"),
        pytest.param(
            ("plot", "pies", "before-after"), r"needs sizes\|times\|steps\|terminal CAPTURE", id="an unknown picture"
        ),
        pytest.param(("figure", "before-after"), "needs CAPTURE WORD…", id="no word that leads to a figure"),
        pytest.param(("figure", "before-after", "images", "web"), "README.md:1: .* no web", id="a figure not there"),
        pytest.param(("value", "noxfile.py"), "needs a file and a name", id="a value without a name"),
        pytest.param(("value", "none.py", "X"), "none.py does not exist", id="a value of no file"),
        pytest.param(("value", "../a.py", "X"), r"names \.\./a\.py, outside", id="a value from outside"),
        pytest.param(("value", "/etc/os-release", "ID"), "outside of the repository", id="a value of the machine"),
        pytest.param(("modules", "docs/../.."), r"names docs/\.\./\.\., outside", id="modules from outside"),
        pytest.param(("given", "by", "nobody", "else"), "says no reason", id="a given block of its own"),
        pytest.param(("flags", "swim"), "names no task", id="a task that is not there"),
        pytest.param(("flags",), "needs a task", id="a missing word"),
        pytest.param(("tasks", "build"), "takes no word", id="a word too many"),
    ],
)
def test_a_block_that_cannot_be_rendered_says_why(root: Path, words: tuple[str, ...], said: str) -> None:
    with pytest.raises(Misuse, match=said):
        body(root, *words)


def test_the_mode_of_a_document_is_kept(root: Path) -> None:
    (root / "README.md").write_text(block("tasks"), encoding="utf-8")
    (root / "README.md").chmod(0o640)
    run(root)
    assert (root / "README.md").stat().st_mode & 0o777 == 0o640


def test_a_plot_is_written_beside_the_document_that_places_it_and_says_what_it_shows(root: Path) -> None:
    deep = root / "docs" / "more" / "x.md"
    deep.parent.mkdir()
    deep.write_text(block("plot", "sizes", "before-after"), encoding="utf-8")
    assert [drift.path for drift in run(root).drifts] == ["docs/more/x.md", "docs/images/before-after-sizes.svg"]
    (line,) = [line for line in deep.read_text(encoding="utf-8").splitlines() if line.startswith("!")]
    assert line.startswith("![What the images weigh. backend, unpacked: 200 MB before, 50.0 MB after.](")
    assert line.endswith("](../images/before-after-sizes.svg)")
    assert "200 MB" in (root / "docs/images/before-after-sizes.svg").read_text(encoding="utf-8")


def test_one_wrong_block_leaves_every_picture_undrawn(root: Path) -> None:
    (root / "README.md").write_text(block("plot", "sizes", "before-after") + block("nonsense"), encoding="utf-8")
    with pytest.raises(Misuse, match=r"^README\.md:3 names an unknown block"):
        run(root)
    assert not (root / "docs" / "images").exists()


def test_a_capture_that_lacks_something_is_named_and_is_no_traceback(root: Path) -> None:
    (root / "docs/measurements/before-after.json").write_text('{"schema": 1, "kind": "scenarios"}', "utf-8")
    with pytest.raises(Misuse, match=r"^README\.md:1: the capture before-after is incomplete"):
        body(root, "table", "before-after")


def test_figures_stand_within_sentences(root: Path) -> None:
    text = "Unpacked <!-- drydock:figure before-after images backend plan disk_bytes -->?<!-- /drydock --> now.\n"
    (root / "README.md").write_text(text, encoding="utf-8")
    run(root)
    assert (root / "README.md").read_text(encoding="utf-8") == text.replace("?", "50.0 MB")


def test_a_figure_that_is_given_keeps_its_text_and_needs_a_reason(root: Path) -> None:
    text = "Up to <!-- drydock:given the standard says so -->9 %<!-- /drydock -->.\n"
    (root / "README.md").write_text(text, encoding="utf-8")
    assert run(root, check=True).code == 0
    (root / "README.md").write_text(text.replace(" the standard says so", ""), encoding="utf-8")
    with pytest.raises(Misuse, match=r"README\.md:1 says no reason"):
        run(root)


@pytest.mark.parametrize("check", [True, False], ids=["compared", "rendered"])
def test_what_rendering_cannot_mend_is_told_either_way(root: Path, check: bool) -> None:
    (root / "README.md").write_text("# x\n\nIt takes 3 s, see `inv docs --chek`.\n", encoding="utf-8")
    report = run(root, check=check)
    assert report.code == 1
    first, second, last = report.text().splitlines()
    assert first.startswith("README.md:3: the figure '3 s' is typed; ")
    assert second == "README.md:3: inv docs has no flag --chek; inv --help docs shows those it has"
    assert last == "0 blocks in 1 documents, 0 differ, 2 claims that nothing stands behind".replace(
        "differ", "differ" if check else "changed"
    )
    assert [claim["line"] for claim in report.document()["claims"]] == [3, 3]


def test_the_documents_are_the_readmes_and_what_lies_below_docs(root: Path) -> None:
    names = (
        "README.md",
        "CONTRIBUTING.md",
        "web/README.md",
        "docs/a/b.md",
        "CHANGELOG.md",
        "web/x.md",
        ".venv/README.md",
    )
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("", encoding="utf-8")
    found = [path.relative_to(root).as_posix() for path in docs.documents(root)]
    assert found == ["README.md", "CONTRIBUTING.md", "web/README.md", "docs/a/b.md"]


def test_the_table_of_markers_names_every_block_there_is(root: Path) -> None:
    with pytest.raises(Misuse) as caught:
        body(root, "nonsense")
    known = set(caught.value.remedy.removeprefix("use one of: ").split(", "))
    assert {form.split()[0] for form in sources.MARKERS} == known


def test_a_picture_that_is_not_there_is_told_and_one_that_is_or_lies_elsewhere_is_not(root: Path) -> None:
    words = "![here](shown.md)\n\n![gone](images/gone.png)\n\n`![code](a.png)` ![far](https://example.org/a.png)\n"
    (root / "docs" / "shown.md").write_text(words, encoding="utf-8")
    report = run(root, check=True)
    told = [(claim["line"], claim["what"]) for claim in report.document()["claims"] if claim["path"] == "docs/shown.md"]
    assert told == [(3, "the picture images/gone.png is not there")]
    assert report.code == 1


def test_pairs_are_shown_with_both_sides_and_the_median_of_their_differences(root: Path) -> None:
    pair = {"name": "list", "title": "the list", "bare": [0.1, 0.2, 0.3], "ours": [0.2, 0.2, 0.9], "allowed": 0.1}
    kept = {**CAPTURE, "kind": "pairs", "pairs": [pair, {**pair, "title": "another", "allowed": 0.05}]}
    (root / "docs/measurements/noop.json").write_text(json.dumps(kept), encoding="utf-8")
    text = body(root, "table", "noop")
    figures = "0.20 s (0.10 s to 0.30 s) | 0.20 s (0.20 s to 0.90 s) | 1.00 | 0.10 s"
    assert f"| the list | {figures} | 0.10 s | held |" in text
    assert f"| another | {figures} | 0.05 s | not held |" in text


def test_recording_is_shown_with_what_it_adds_and_how_it_grows(root: Path) -> None:
    pair = {"title": "a build", "bare": [0.5], "ours": [0.6], "allowed": 0.3}
    growth = {"files": 1000, "cold": [0.02, 0.04, 0.03], "warm": [0.01], "keep": [0.01], "edit": [0.02], "bytes": 9}
    kept = {**CAPTURE, "kind": "recording", "pairs": [pair], "growth": [growth]}
    (root / "docs/measurements/recording.json").write_text(json.dumps(kept), encoding="utf-8")
    text = body(root, "table", "recording")
    assert "| a build | 0.50 s | 0.60 s | 1.20 | 0.10 s | 0.30 s | held |" in text
    assert "| 1,000 | 0.03 s (0.02 s to 0.04 s) | 30 µs | 0.01 s | 10 µs | 0.02 s |" in text


def test_the_api_is_shown_with_what_each_answer_takes_and_what_is_allowed(root: Path) -> None:
    listed = {"what": "every image", "seconds": [0.02, 0.04, 0.03], "bytes": 1_000_000, "allowed": 0.05}
    answers = [listed, {**listed, "what": "too slow", "allowed": 0.02}, {**listed, "what": "health", "allowed": None}]
    held = {"builds": 100_000, "images": 100, "peak_bytes": 60_000_000, "allowed_bytes": 150_000_000}
    kept = {**CAPTURE, "kind": "api", "answers": answers, **held}
    (root / "docs/measurements/api.json").write_text(json.dumps(kept), encoding="utf-8")
    text = body(root, "table", "api")
    assert "| every image | 30.0 ms (20.0 ms to 40.0 ms) | 1.0 MB | 50.0 ms | held |" in text
    assert "| too slow | 30.0 ms (20.0 ms to 40.0 ms) | 1.0 MB | 20.0 ms | not held |" in text
    assert "| health | 30.0 ms (20.0 ms to 40.0 ms) | 1.0 MB |  |  |" in text
    assert "100,000 builds of 100 images. The server took at most 60.0 MB of memory; allowed are 150 MB: held." in text


def test_the_dashboard_is_shown_with_its_scripts_what_axe_found_and_how_smooth_it_is(root: Path) -> None:
    page = {"page": "overview", "scripts": 9, "bytes": 120_000, "gzip_bytes": 40_000}
    found = {"critical": 0, "serious": 0, "moderate": 1, "minor": 0}
    slow = {"frames_ms": [16.0, 16.0, 60.0], "scroll_long_ms": [55.0], "load_long_ms": [], "load_cpu_ms": 300.0}
    runs = [
        {**slow, "cpu_ms_per_frame": 2.5},
        {**slow, "frames_ms": [16.0], "scroll_long_ms": [], "cpu_ms_per_frame": 3},
    ]
    pages = [{**page, "axe": found}, {**page, "page": "image", "gzip_bytes": 150_000, "axe": found}]
    kept = {**CAPTURE, "kind": "dashboard", "allowed_bytes": 150_000, "pages": pages}
    kept["overview"] = {"images": 100, "builds": 10_000, "runs": runs}
    (root / "docs/measurements/dashboard.json").write_text(json.dumps(kept), encoding="utf-8")
    text = body(root, "table", "dashboard")
    assert "| overview | 9 | 120 kB | 40.0 kB | held | 0 | 0 | 1 | 0 |" in text
    assert "| image | 9 | 120 kB | 150 kB | not held |" in text
    assert "The overview held 100 images and 10,000 builds, in 2 runs." in text
    assert "| loading: longest task | none | none | none |" in text
    assert "| scrolling: a frame, longest | 38.0 ms | 16.0 ms | 60.0 ms |" in text
    assert "| scrolling: frames over 50 ms | 0.5 | 0 | 1 |" in text
