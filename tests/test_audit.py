"""`inv audit` on real folders: what it prints, what it writes, what it never touches."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from drydock import config
from drydock.audit import tree, worktree
from drydock.audit.finding import Found, Severity
from drydock.audit.repository import Repository
from drydock.audit.rule import Rule
from drydock.commands import audit
from drydock.errors import Misuse
from drydock.events import Remark
from tests.committing import git

TODAY = date(2026, 6, 1)
DOCKERFILE = "FROM python:3.12-slim\nRUN pip install flask\nUSER 1:1\n"
MOUNTED = "FROM python:3.12-slim\nRUN --mount=type=cache,target=/root/.cache/pip \\\n    pip install flask\nUSER 1:1\n"
MOUNT = ("install-without-cache-mount",)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "repository"
    root.mkdir()
    (root / "Dockerfile").write_text(DOCKERFILE)
    git(root, "init", "-q")
    git(root, "add", ".")
    git(root, "commit", "-qm", "first")
    return root


def run(root: Path, environ: dict[str, str] | None = None, **asked: Any) -> audit.Report:
    request = audit.Request(**{"select": MOUNT, **asked})
    return audit.run(config.load(root, {**os.environ, **(environ or {})}), request, tell=lambda _: None, today=TODAY)


def test_a_template_is_no_dockerfile_until_it_is_rendered(root: Path) -> None:
    folder = root / "{{cookiecutter.name}}"
    folder.mkdir()
    (folder / "Dockerfile").write_text("{% if cookiecutter.slim %}\nFROM python:3.12-slim\n{% endif %}\n")
    assert run(root, select=("unreadable-source",)).findings == ()
    (root / "Dockerfile").write_text("{% if slim %}\nFROM python:3.12-slim\n{% endif %}\n")
    assert [one.path for one in run(root, select=("unreadable-source",)).findings] == ["Dockerfile"]


def test_without_fix_nothing_is_written_and_the_code_is_1(root: Path) -> None:
    report = run(root, diff=True)
    assert (report.code, (root / "Dockerfile").read_text()) == (1, DOCKERFILE)
    assert "+RUN --mount=type=cache" in report.text()


def test_what_is_not_mended_is_looked_at_once(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = list[Repository]()

    def check(repository: Repository) -> Iterator[Found]:
        asked.append(repository)
        return iter(())

    monkeypatch.setattr(audit, "RULES", (Rule("counted", "", Severity.WARNING, check),))
    assert run(root, diff=True, select=("counted",)).code == 0
    assert len(asked) == 1


def test_with_fix_what_is_safe_is_written_and_nothing_the_second_time(root: Path) -> None:
    first = run(root, fix=True)
    assert (first.code, [one.code for one in first.mended]) == (0, list(MOUNT))
    assert (root / "Dockerfile").read_text() == MOUNTED
    assert run(root, fix=True).mended == ()


@pytest.mark.parametrize(
    ("prepare", "reason"),
    [
        (lambda root: (root / "Dockerfile").write_text(DOCKERFILE + "# edited\n"), "changes that are not committed"),
        (lambda root: git(root, "rm", "-q", "--cached", "Dockerfile"), "does not track it"),
        (lambda root: git(root, "update-index", "--assume-unchanged", "Dockerfile"), "does not track it"),
        (lambda root: (root / ".git").rename(root / "git"), "not in a git repository"),
        (lambda root: git(root, "update-ref", "-d", "HEAD"), "has no commit yet"),
    ],
    ids=["edited", "untracked", "told not to look", "no git", "no commit"],
)
def test_what_git_could_not_give_back_is_written_only_by_force(
    root: Path, prepare: Callable[[Path], None], reason: str
) -> None:
    prepare(root)
    before = (root / "Dockerfile").read_text()
    report = run(root, fix=True)
    assert ((root / "Dockerfile").read_text(), report.code) == (before, 1)
    assert reason in report.findings[0].declined
    assert run(root, fix=True, force=True).code == 0


def test_a_repository_below_the_top_of_its_git_is_judged_by_its_own_paths(root: Path) -> None:
    (root / "sub").mkdir()
    (root / "sub/Dockerfile").write_text(DOCKERFILE)
    git(root, "add", ".")
    git(root, "commit", "-qm", "second")
    (root / "Dockerfile").write_text("FROM b\n")
    assert run(root / "sub", fix=True).code == 0


def test_links_are_neither_read_nor_written_through(root: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/Dockerfile").write_text(DOCKERFILE)
    (root / "folder").symlink_to(tmp_path / "outside")
    (root / "Dockerfile.link").symlink_to(tmp_path / "outside/Dockerfile")
    report = run(root, fix=True, force=True)
    assert [one.path for one in report.mended] == ["Dockerfile"]
    assert (tmp_path / "outside/Dockerfile").read_text() == DOCKERFILE


def test_a_pipe_where_a_fix_would_write_is_neither_read_nor_replaced(root: Path) -> None:
    (root / "Dockerfile").write_text("FROM python:3.12-slim\nCOPY . .\nUSER 1:1\n")
    git(root, "commit", "-qam", "copy")
    os.mkfifo(root / ".dockerignore")
    report = run(root, fix=True, force=True, unsafe=True, select=("ignore-missing",))
    assert [one.declined for one in report.findings] == [".dockerignore is there, and is no ordinary file"]
    assert (root / ".dockerignore").is_fifo()


def test_an_ignore_file_that_is_a_link_is_there(root: Path) -> None:
    (root / "Dockerfile").write_text("FROM a:1\nCOPY . .\n")
    assert [one.code for one in run(root, select=("ignore-missing",)).findings] == ["ignore-missing"]
    (root / ".dockerignore").symlink_to(".gitignore")
    assert run(root, select=("ignore-missing",)).findings == ()


def test_a_fix_behind_a_link_is_refused_with_a_reason_and_the_others_are_written(root: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (root / "app").symlink_to(tmp_path / "outside")
    (root / "compose.yml").write_text("services:\n  a:\n    build: {context: app, dockerfile: ../Dockerfile}\n")
    (root / "Dockerfile").write_text(f"{DOCKERFILE}COPY . .\n")
    report = run(root, fix=True, force=True, select=(*MOUNT, "ignore-missing"))
    assert [one.code for one in report.mended] == [*MOUNT]
    assert [one.declined for one in report.findings] == ["app/.dockerignore is a link, or lies behind one"]
    assert list((tmp_path / "outside").iterdir()) == []


def test_a_link_is_refused_before_anything_is_written(root: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text(DOCKERFILE)
    (root / "Dockerfile.z").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Misuse, match=r"Dockerfile\.z is a link"):
        worktree.write(
            config.load(root, os.environ), tree.walk(root), dict.fromkeys(("Dockerfile", "Dockerfile.z"), b"x")
        )
    assert (root / "Dockerfile").read_text() == (tmp_path / "elsewhere").read_text() == DOCKERFILE


@pytest.mark.parametrize("new", [b"FROM python:3.12-slim\nRUN mine\n", None], ids=["edited", "removed"])
def test_what_others_change_during_the_audit_is_kept(root: Path, new: bytes | None) -> None:
    (root / "a").mkdir()
    (root / "a/Dockerfile").write_text(DOCKERFILE)
    seen = tree.walk(root)
    was = seen.read("Dockerfile")
    (root / "Dockerfile").write_bytes(new) if new else (root / "Dockerfile").unlink()
    assert seen.read("Dockerfile") == was
    settings = config.load(root, os.environ)
    with pytest.raises(Misuse, match="Dockerfile was changed while it was audited"):
        worktree.write(settings, seen, {"a/Dockerfile": b"FROM b\n", "Dockerfile": b"FROM b\n"})
    assert (root / "a/Dockerfile").read_text() == DOCKERFILE
    assert "changed while" in audit._refusal(settings, seen, audit.Request(fix=True), lambda _: True)("Dockerfile")


def test_files_that_are_left_out_are_said_to_be(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (root / "a/b").mkdir(parents=True)
    monkeypatch.setattr(tree, "MOST", 1)
    (finding,) = run(root, select=("unreadable-source",)).findings
    assert (finding.path, finding.code) == (".", "unreadable-source")
    assert "the rest is not audited" in finding.message
    assert run(root, format="sarif", select=("unreadable-source",)).code == 1


def test_a_file_that_vanishes_during_the_walk_is_left_out(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scandir = os.scandir

    @contextmanager
    def vanishing(folder: Path) -> Iterator[list["os.DirEntry[str]"]]:
        with scandir(folder) as found:
            yield list(found)
        (folder / "Dockerfile").unlink(missing_ok=True)

    (root / "a").write_text("")
    monkeypatch.setattr(os, "scandir", vanishing)
    seen = tree.walk(root)
    assert (seen.has("a"), seen.has("Dockerfile")) == (True, False)


@pytest.mark.parametrize(
    ("here", "path", "told"),
    [
        pytest.param("a", "Dockerfile", ["a/Dockerfile"], id="from where one is"),
        pytest.param("a", ".", ["a/Dockerfile"], id="all that is here"),
        pytest.param("a", "b/Dockerfile", ["b/Dockerfile"], id="from the root, where there is none here"),
        pytest.param("..", "b", ["b/Dockerfile"], id="from the root, where what is here lies outside"),
    ],
)
def test_a_path_is_told_from_where_one_is_or_else_from_the_root(
    root: Path, monkeypatch: pytest.MonkeyPatch, here: str, path: str, told: list[str]
) -> None:
    for folder in (root / "a", root / "b", root.parent / "b"):
        folder.mkdir(parents=True)
        (folder / "Dockerfile").write_text(DOCKERFILE)
    monkeypatch.chdir(root / here)
    assert [one.path for one in run(root, paths=(path,)).findings] == told


def test_where_there_is_nothing_to_audit_that_is_told(root: Path) -> None:
    (root / "Dockerfile").rename(root / "README.md")
    with pytest.raises(Misuse, match=f"nothing to audit in {root}: no Dockerfile") as caught:
        run(root)
    assert caught.value.remedy.startswith("inv audit --root ")


def test_a_path_with_nothing_to_audit_below_it_passes(root: Path) -> None:
    (root / "README.md").touch()
    report = run(root, paths=("README.md",))
    assert (report.code, report.text()) == (0, "nothing found")


def test_only_the_paths_that_are_named_are_told_and_written(root: Path) -> None:
    (root / "a").mkdir()
    (root / "a/Dockerfile").write_text(DOCKERFILE)
    report = run(root, fix=True, force=True, paths=("a",))
    assert [one.path for one in report.mended] == ["a/Dockerfile"]
    assert (report.findings, (root / "Dockerfile").read_text()) == ((), DOCKERFILE)


def test_an_encoding_that_nobody_knows_is_one_finding(root: Path) -> None:
    (root / "Dockerfile").write_bytes(b"FROM a\n# caf\xe9\n")
    (root / "compose.yml").write_text("services: [\n")
    (root / "Dockerfile.big").write_text("FROM a:1\n" + "#" * 1_100_000)
    (root / "Dockerfile.empty").write_text("")
    report = run(root, select=())
    told = [(one.path, one.code) for one in report.findings]
    names = ("Dockerfile", "Dockerfile.big", "Dockerfile.empty", "compose.yml")
    assert told == [(name, "unreadable-source") for name in names]


@pytest.mark.parametrize("path", ["compose.yml", ".github/workflows/ci.yml"])
@pytest.mark.parametrize(
    ("text", "said"),
    [
        pytest.param("", "it is empty", id="no byte"),
        pytest.param(" \n\n", "it is empty", id="blank lines"),
        pytest.param("- services\n", "it is no mapping", id="a list"),
        pytest.param("# first\nservices\n", "it is no mapping", id="a word"),
        pytest.param("# later\n", None, id="comments alone say that nothing is meant to be here"),
        pytest.param("---\n# later\n", None, id="a document that holds nothing"),
        pytest.param("name: a\n", None, id="a mapping"),
    ],
)
def test_yaml_that_says_nothing_cannot_be_read(root: Path, path: str, text: str, said: str | None) -> None:
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).write_text(text)
    told = [(one.path, one.message) for one in run(root, select=()).findings if one.code == "unreadable-source"]
    assert told == ([(path, f"cannot be read: {said}")] if said else [])


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"select": ("nothing",)}, "no rule of that code"),
        ({"format": "xml"}, "no such format"),
        ({"severity": "awful"}, "no severity"),
        ({"unsafe": True}, "--unsafe does nothing by itself"),
        ({"diff": True, "force": True}, "--force does nothing by itself"),
        ({"paths": ("missing",)}, "not in"),
        ({"paths": ("..",)}, "not in"),
    ],
)
def test_wrong_use_is_refused(root: Path, asked: dict[str, Any], message: str) -> None:
    with pytest.raises(Misuse, match=message):
        run(root, **asked)


def test_the_severity_that_fails_comes_from_the_flag_else_from_pyproject(root: Path) -> None:
    (root / "pyproject.toml").write_text('[tool.drydock.audit]\nseverity = "error"\n')
    assert run(root).limit is Severity.ERROR
    assert (run(root).code, run(root, severity="note").code) == (0, 1)
    (root / "pyproject.toml").write_text("[tool.drydock.audit]\nseverty = 1\n")
    with pytest.raises(Misuse, match="no setting severty"):
        run(root)


def test_the_sum_says_what_mends_and_whether_it_fails_line_by_line(root: Path) -> None:
    counts, mend = run(root).text().splitlines()[-2:]
    assert counts == "1 finding in 1 file: 1 warning"
    assert mend == "1 can be mended safely: inv audit --fix"
    passed = run(root, severity="error").text().splitlines()[-1]
    assert passed == "none of them fails the audit: that begins at error (--severity)"


def test_each_format_tells_the_same_findings(root: Path, tmp_path: Path) -> None:
    place = "Dockerfile:2:1: warning: pip downloads everything again"
    assert run(root).text().startswith(place)
    document = run(root, format="json").document()
    assert (document["findings"][0]["line"], document["findings"][0]["fix"]["safe"]) == (2, True)
    assert "+++ b/Dockerfile" in document["findings"][0]["fix"]["diff"]
    sarif = json.loads(run(root, format="sarif").text())
    assert sarif["runs"][0]["results"][0]["ruleId"] == MOUNT[0]
    github = run(root, format="github").text()
    assert github.startswith("::warning file=Dockerfile,line=2,col=1,title=install-without-cache-mount::pip downloads")


def test_a_workflow_gets_annotations_and_a_summary(root: Path, tmp_path: Path) -> None:
    told: list[object] = []
    settings = config.load(root, {**os.environ, "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md")})
    audit.run(settings, audit.Request(select=MOUNT), tell=told.append, today=TODAY)
    assert [type(one) for one in told] == [Remark]
    assert "| warning | `Dockerfile:2` | `install-without-cache-mount` |" in (tmp_path / "summary.md").read_text()


@pytest.mark.parametrize("given", ["text", "github"])
def test_a_workflows_pages_show_no_secret_that_a_message_quotes(tmp_path: Path, given: str) -> None:
    secret = "k3j4h5g6f7d8"  # noqa: S105 - planted to be looked for
    files = {
        "compose.yml": f"services:\n  web:\n    image: a:1\n    environment:\n      API_TOKEN: {secret}\n",
        "noxfile.py": "import nox\n@nox.session\ndef tests(session): ...\n",
        "pyproject.toml": "[tool.drydock.audit]\nsessions_only = true\n",
        ".github/workflows/ci.yml": f"on: push\njobs:\n  a:\n    steps:\n      - run: curl -H {secret}\n",
    }
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    page, told = tmp_path / "summary.md", list[object]()
    settings = config.load(tmp_path, {**os.environ, "GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(page)})
    request = audit.Request(select=("workflow-bypasses-sessions",), format=given)
    text = audit.run(settings, request, tell=told.append, today=TODAY).text()
    said = [page.read_text(), text if given == "github" else "", *(one.line for one in told if isinstance(one, Remark))]
    assert sum("curl -H $API_TOKEN" in one for one in said) == 2
    assert not [one for one in said if secret in one]
