"""`inv prove` on the real engine: what holds stays, what breaks is taken back alone, and nothing is left behind."""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from drydock import config, rules
from drydock.audit.buildfile import BuildFile
from drydock.audit.finding import Found, Severity, mend
from drydock.audit.rule import Rule, each_dockerfile, rule
from drydock.audit.source import Edit
from drydock.commands import prove
from drydock.config import Config
from drydock.measures import evidence, reports
from drydock.measures.reports import Kind
from tests.defects import loader
from tests.engine.conftest import Docker
from tests.engine.test_audit_unsafe import LOCK, MANIFEST, NODE
from tests.repositories import PROJECT

# An installer in nature: it reads a manifest, keeps what it fetched where pip does, and takes its time.
DOCKERFILE = """\
FROM python:3.12-slim
ENV PIP_NO_CACHE_DIR=1
WORKDIR /srv
COPY . /srv
RUN pip install --no-cache-dir --no-index -r requirements.txt
EXPOSE 8000
CMD ["python", "app.py"]
"""
APP = """\
import pathlib
from http.server import BaseHTTPRequestHandler, HTTPServer


class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        well = 503 if pathlib.Path("/broken").exists() else 200
        self.send_response(well if self.path == "/health" else 404)
        self.end_headers()


print("serving", flush=True)
HTTPServer(("", 8000), Answer).serve_forever()
"""
COMPOSE = "services:\n  web:\n    build: .\n    ports: ['8000:8000']\n    volumes: ['./data:/data']\n"
PROBE = '[tool.drydock.images.web]\nprobe = ["/health"]\n'
FILES = {
    "Dockerfile": DOCKERFILE,
    "app.py": APP,
    "requirements.txt": "# nothing\n",
    "compose.yml": COMPOSE,
    "pyproject.toml": PROBE,
}
SAFE = {"python-env-missing", "ignore-missing", "manifest-after-source", "install-without-cache-mount"}
IGNORED = ".git\n**/__pycache__\n**/.venv\n**/venv\n"
PACKAGES = "$(python -c 'import site; print(site.getsitepackages()[0])')"
BAD = {  # by the code of a rule: the line that its fix adds, and why that fix is taken back
    "does-not-build": ("RUN false", r"web does not build: Dockerfile:\d+: RUN false: exit code: 1"),
    "does-not-start": (
        f"RUN echo 'raise SystemExit(3)' > {PACKAGES}/sitecustomize.py",
        "web ends with exit code 1: SystemExit: 3; before it is running",
    ),
    "answers-otherwise": ("RUN touch /broken", "web: 8000 /health answered 200 before, 503 now"),
    "edits-the-source": ("RUN sed -i s/404/405/ app.py", r"web: file /srv/app.py: copied -> another, which no fix"),
    "changes-the-user": ("USER 1000", "web: user: nothing -> 1000, which no fix announces"),
    "declares-a-port": ("EXPOSE 9000", "web: port 9000/tcp: nothing -> declared, which no fix announces"),
    "grows": ("RUN head -c 30000000 /dev/urandom > /big", r"web: the image grows from \d+ MB to \d+ MB"),
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write(tmp_path / "shop", FILES)


def write(root: Path, files: Mapping[str, str]) -> Path:
    return loader.write({path: text.encode() for path, text in files.items()}, root)


def adding(line: str, code: str, before: str = "CMD") -> Rule:
    """A rule whose fix adds a line before an instruction; fixes at one place wait for each other, some rounds long."""

    def check(file: BuildFile) -> Iterator[Found]:
        command = next(one for one in file.file.instructions if one.keyword == before)
        if line not in file.source.text:
            edit = Edit(command.start, command.start, f"{line}\n")
            yield file.found(command, "a line is missing", mend(file.source, edit))

    return rule(f"x.{code.replace('-', '_')}", "Adds a line.", Severity.NOTE, each_dockerfile(check))


def proven(root: Path, *more: Rule, **request: Any) -> prove.Report:
    settings: Config = config.load(root, os.environ)
    asked = prove.Request(**{"runs": 1, **request})
    return prove.run(settings, asked, lambda _: None, date(2026, 6, 1), (*rules.RULES, *more))


def codes(report: prove.Report, name: str) -> set[str]:
    return {one["code"] for one in report.capture[name]}


def reasons(report: prove.Report) -> dict[str, str]:
    return {one["code"]: one["reason"] for one in report.capture["taken_back"]}


def test_good_fixes_are_kept_and_written_as_a_diff_that_git_can_give_back(root: Path, docker: Docker) -> None:
    before = docker("image", "ls", "--all", "--quiet", "--no-trunc").split()
    (root / ".drydock").mkdir()  # a repository that keeps records
    report = proven(root, keep=True, save="proof", runs=2)
    kept = reports.get(config.load(root, os.environ), Kind.PROOF, "proof")
    assert kept is not None
    assert kept.body == json.loads(json.dumps({**report.capture, "diff": report.diff}))
    assert (codes(report, "kept"), codes(report, "taken_back"), report.code) == (SAFE, set(), 0)
    assert report.capture["services"]["web"]["after"] == [
        *("is running", "port 8000 answers", "8000 /health answers 200"),
    ]
    image = report.capture["images"]["web"]
    assert {one["what"]: one["rule"] for one in image["expected"]} == {
        "environment PYTHONDONTWRITEBYTECODE is new": "python-env-missing",
        "environment PYTHONUNBUFFERED is new": "python-env-missing",
    }
    steps = next(one for one in image["changes"] if one["what"] == "source edit: steps that ran")
    assert (steps["before"], steps["after"], steps["better"]) == ("2", "1", True)
    assert "web: the mount at /data is left out" in report.capture["unestablished"]
    assert set(report.written) == {"Dockerfile", ".dockerignore"}
    assert "--mount=type=cache" in (root / "Dockerfile").read_text()
    changed = subprocess.run(["git", "diff", "--name-only"], cwd=root, check=True, capture_output=True, text=True)
    assert changed.stdout.split() == ["Dockerfile"]
    assert "+RUN --mount=type=cache" in report.diff
    assert "| web | to pull |" in evidence.markdown(evidence.load(root, "proof"))
    after = docker("image", "ls", "--all", "--quiet", "--no-trunc").split()
    assert len(after) <= len(before) + 1  # its base


def test_each_fix_that_breaks_something_is_taken_back_alone(root: Path) -> None:
    places = ("EXPOSE", "CMD")
    report = proven(root, *(adding(line, code, places[at % 2]) for at, (code, (line, _)) in enumerate(BAD.items())))
    assert codes(report, "kept") == SAFE
    assert reasons(report).keys() == BAD.keys()
    for code, reason in reasons(report).items():
        assert re.match(BAD[code][1], reason), (code, reason)
    assert not [line for line, _ in BAD.values() if f"+{line}" in report.diff]
    assert (root / "Dockerfile").read_text() == DOCKERFILE


def test_a_fix_that_promises_a_smaller_image_and_gains_nothing_is_taken_back(root: Path) -> None:
    fixed = DOCKERFILE.replace("ENV ", "ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 ")
    fixed = re.sub(r" PIP_NO_CACHE_DIR=1|RUN pip.*\n", "", fixed)
    write(root, {"Dockerfile": fixed, ".dockerignore": IGNORED})
    report = proven(root, adding("LABEL small=yes", "chown-doubles-layer"))
    assert reasons(report) == {"chown-doubles-layer": "the image is not smaller with it"}
    assert report.diff == ""


WANTS_ROOT = "import shutil\nshutil.copy('app.py', '/var/lib/started')\n"  # so that no rule sees it
PAIR = """\
services:
  web:
    build: web
    ports: ['3000:3000']
  api:
    build: api
    ports: ['8000:8000']
"""
PAGE = 'const ms = require("ms");\nrequire("http").createServer((_, page) => page.end(ms(3600000))).listen(3000);\n'


def test_what_an_ordinary_user_can_run_is_kept_and_what_wants_root_when_it_starts_is_taken_back(tmp_path: Path) -> None:
    files = {
        "compose.yml": PAIR,
        "web/Dockerfile": NODE.replace("CMD", "EXPOSE 3000\nCMD"),
        "web/package.json": json.dumps(MANIFEST),
        "web/package-lock.json": json.dumps(LOCK),
        "web/app.js": PAGE,
        "api/Dockerfile": re.sub("RUN .*\n", "", DOCKERFILE),
        "api/app.py": WANTS_ROOT + APP,
    }
    report = proven(write(tmp_path / "shop", files), level="unsafe")
    kept = {(one["code"], one["path"]) for one in report.capture["kept"]}
    assert {("root-user", "web/Dockerfile"), ("dev-dependencies-in-image", "web/Dockerfile")} <= kept
    assert [(one["code"], one["path"]) for one in report.capture["taken_back"]] == [("root-user", "api/Dockerfile")]
    assert re.match(r"api ends with exit code 1: PermissionError: .*'/var/lib/started'", reasons(report)["root-user"])
    assert report.capture["services"]["web"]["after"][1:] == ["port 3000 answers", "3000 / answers 200"]
    web = {one["what"]: one["rule"] for one in report.capture["images"]["web"]["expected"]}
    assert web["user: nothing -> node"] == "root-user"
    assert web["package npm isarray: 2.0.5 -> nothing"] == "dev-dependencies-in-image"
    assert ("+USER node" in report.diff, "+USER app" in report.diff) == (True, False)


def test_of_a_repository_that_does_not_build_nothing_is_claimed(root: Path) -> None:
    write(root, {"Dockerfile": DOCKERFILE.replace("EXPOSE 8000", "RUN exit 7")})
    report = proven(root, keep=True)
    assert report.code == 4
    assert codes(report, "kept") == codes(report, "taken_back") == set()
    assert codes(report, "not_tried") == SAFE
    assert all("does not build before any fix" in one["reason"] for one in report.capture["not_tried"])
    assert report.text().endswith("nothing builds before any fix, so nothing is claimed.")
    assert report.written == ()


def test_a_file_that_git_could_not_give_back_keeps_its_finding(root: Path) -> None:
    (root / "compose.yml").unlink()  # so the Dockerfile alone says what there is
    (root / "Dockerfile").write_text(DOCKERFILE + "# a note\n")
    report = proven(root, keep=True)
    assert report.capture["services"]["shop"]["after"][1:] == ["port 8000 answers", "8000 / answers 404"]
    assert (root / "Dockerfile").read_text() == DOCKERFILE + "# a note\n"
    assert report.written == (".dockerignore",)


def test_a_service_whose_database_cannot_be_had_is_said_to_be_unproven(root: Path) -> None:
    waits = DOCKERFILE.replace(
        '["python", "app.py"]', """["python", "-c", "import socket; socket.gethostbyname('db')"]"""
    )
    (root / "Dockerfile").write_text(waits)
    needs = f"{COMPOSE}    depends_on: [db]\n  db:\n    image: nowhere.invalid/db:1\n"
    (root / "compose.yml").write_text(needs)
    report = proven(root)
    told = "\n".join(report.capture["unestablished"])
    assert "db is left out: its image nowhere.invalid/db:1 cannot be had here" in told
    assert re.search(r"web: it ends with exit code 1.* before any fix too", told)
    assert codes(report, "kept") == SAFE


def test_what_is_proven_reaches_nobody_sees_nothing_of_the_host_and_is_limited(root: Path) -> None:
    sealed = """\
import errno, pathlib, socket


def limit(*names):
    return next(path.read_text().strip() for name in names if (path := pathlib.Path("/sys/fs/cgroup", name)).exists())


def sealed():
    with socket.socket() as outside:
        unreachable = outside.connect_ex(("192.0.2.1", 80)) == errno.ENETUNREACH
    memory = limit("memory.max", "memory/memory.limit_in_bytes") == str(1 << 30)
    return unreachable and memory and limit("pids.max", "pids/pids.max") == "512" and not pathlib.Path("/data").exists()


"""
    (root / "app.py").write_text(sealed + APP.replace('self.path == "/health"', "sealed()"))
    report = proven(root)
    assert "8000 /health answers 200" in report.capture["services"]["web"]["before"]


def test_an_interrupt_leaves_nothing_behind(root: Path, docker: Docker) -> None:
    def left() -> list[str]:
        kinds = (("container", "ls", "--all", "--quiet"), ("network", "ls", "--quiet"), ("volume", "ls", "--quiet"))
        return [docker(*words) for words in kinds]

    (root / "app.py").write_text("import time\ntime.sleep(60)\n")  # its port never answers
    before = left()
    argv = [sys.executable, "-m", "drydock", "prove", f"--root={root}"]
    with (
        tempfile.TemporaryDirectory() as folder,
        subprocess.Popen(
            argv, env={**os.environ, "TMPDIR": folder}, cwd=PROJECT, stderr=subprocess.PIPE, text=True
        ) as child,
    ):
        assert child.stderr is not None
        for line in child.stderr:
            if "starting web" in line:
                break
        wait_until(lambda: left() != before)
        child.send_signal(signal.SIGINT)
        child.stderr.read()
        assert child.wait() == 130
        assert os.listdir(folder) == []  # noqa: PTH208 - names only
    assert left() == before
    assert "drydock-proof" not in docker("image", "ls", "--all")
    assert (root / "Dockerfile").read_text() == DOCKERFILE


def wait_until(happened: Callable[[], bool]) -> None:
    """Ask again and again; each question is a process, so no time is slept away."""
    assert any(happened() for _ in range(300))
