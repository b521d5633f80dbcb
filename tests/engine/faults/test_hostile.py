"""`prove` and `adopt` on repositories that mean harm: nothing outside of the scratch area changes, and they end."""

import hashlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, suppress
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from bench.killing import machine as machines
from bench.killing.machine import Machine
from drydock import config
from drydock.commands import prove
from tests.committing import commit
from tests.engine.conftest import Docker
from tests.repositories import PROJECT

DOCKERFILE = 'FROM python:3.12-slim\nCOPY . /srv\nCMD ["python", "-m", "http.server", "8000"]\nEXPOSE 8000\n'
COMPOSE = "services:\n  web:\n    build: .\n"
WRITTEN = (
    "Dockerfile",
    ".dockerignore",
    "compose.yaml",
    "pyproject.toml",
    "tasks.py",
    "noxfile.py",
    ".drydock",
    ".env",
)
OWN = (".dockerignore", "noxfile.py", "pyproject.toml", "tasks.py")  # what adopting writes where nothing is
SOON = 20.0  # seconds; it takes less than one where nothing else is at work
SAID = re.compile(r"^(error|remedy): ", re.MULTILINE)


HUGE = 1_000_000_000  # bytes from which nobody reads a file to see whether it was changed


def snapshot(folder: Path) -> dict[str, str]:
    """Every entry below a folder: what it is, when it was changed, and the hash of what it holds."""
    found = {}
    for path in sorted(folder.rglob("*")):
        seen = path.lstat()
        is_held = path.is_file() and not path.is_symlink() and seen.st_size < HUGE
        held = hashlib.sha256(path.read_bytes()).hexdigest() if is_held else ""
        found[str(path.relative_to(folder))] = f"{seen.st_mode:o} {seen.st_mtime_ns} {seen.st_size} {held}"
    return found


def engine_holds(docker: Docker) -> dict[str, list[str]]:
    """What the engine in use holds, by kind."""
    asked = {
        "containers": ("container", "ls", "--all", "--quiet", "--no-trunc"),
        "volumes": ("volume", "ls", "--quiet"),
        "networks": ("network", "ls", "--quiet", "--no-trunc"),
        "tags": ("image", "ls", "--format={{.Repository}}:{{.Tag}} {{.ID}}"),
    }
    return {kind: sorted(docker(*words).splitlines()) for kind, words in asked.items()}


def mounts() -> list[str]:
    """What is mounted on this machine, but for what engines mount for themselves: others may come and go."""
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    return sorted(point for line in lines if not re.search(r"/engine/|/netns", point := line.split(" ")[4]))


@pytest.fixture
def outside(tmp_path: Path, docker: Docker) -> Iterator[Path]:
    """A folder beside the repository with something worth keeping; it, mounts and engine are alike in the end."""
    folder = tmp_path / "outside"
    (folder / "deep").mkdir(parents=True)
    for name in ("pyproject.toml", "compose.yaml", ".dockerignore", "kept.env", "deep/file"):
        (folder / name).write_text(f"KEPT={name}\n")
    (folder / "Dockerfile").write_text(f"# syntax=nowhere.invalid/frontend:1\n{DOCKERFILE}")
    (folder / "base.yaml").write_text("services:\n  base:\n    privileged: true\n    pid: host\n")
    docker.base("python:3.12-slim")
    before = snapshot(folder), mounts(), engine_holds(docker)
    yield folder
    assert (snapshot(folder), mounts(), engine_holds(docker)) == before


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "shop"
    folder.mkdir()
    write(folder, {"Dockerfile": DOCKERFILE, "compose.yaml": COMPOSE, "app.py": "A = 1\n"})
    return folder


def write(root: Path, texts: Mapping[str, str]) -> None:
    for path, text in texts.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)


def drydock(root: Path, *words: str) -> tuple[int, str]:
    """The exit code of a command and all that it said, in which no bug shows and nothing reaches the terminal."""
    done = subprocess.run(
        [sys.executable, "-m", "drydock", *words, "--root", str(root)],
        env={**os.environ, "PYTHONPATH": str(PROJECT), "NO_COLOR": "1"},
        cwd=PROJECT,
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=300,
        check=False,
    )
    said = (done.stdout + done.stderr).decode("utf-8", "surrogateescape")
    assert "Traceback" not in said, said
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", said), repr(said)
    if done.returncode > 1:
        assert SAID.findall(said) == ["error", "remedy"] or done.returncode == 4, said
    return done.returncode, said


def adopts(root: Path, *expected: str) -> None:
    """Adopt a repository: it ends soon and writes these files and no others, none of them through a link."""
    before, began = snapshot(root), time.monotonic()
    code, said = drydock(root, "adopt")
    after = snapshot(root)
    assert (code, time.monotonic() - began < SOON) == (0, True), said
    assert before == {path: seen for path, seen in after.items() if path in before}
    assert after.keys() - before.keys() - {".drydock", ".drydock/.gitignore"} == {*expected}, said


def program(text: str) -> str:
    """A step that runs a program."""
    return f"RUN python <<'END'\n{text}\nEND"


HARM = {
    "forks": program("import os\nwhile True:\n    try:\n        os.fork()\n    except OSError:\n        pass"),
    "never ends": "RUN sleep 100000",
    "fills the disk": "RUN cat /dev/zero > /full",
    "fills the disk with files": program(
        "import itertools\nfor at in itertools.count():\n    open(f'/{at}', 'wb').write(bytes(10**6))"
    ),
    "takes memory": program("held = []\nwhile True:\n    held.append(bytes(10**7))"),
}
LINKS: Mapping[str, Callable[[Path, str], str]] = {
    "absolute": lambda outside, name: str(outside / name),
    "relative": lambda _, name: f"../outside/{name}",
    "dangling": lambda outside, name: str(outside / f"new-{name.strip('.')}"),
    "folder": lambda outside, _: str(outside),
    "itself": lambda _, name: name,
    "endless": lambda *_: "/dev/zero",
}


@pytest.mark.parametrize("kind", LINKS)
def test_a_link_in_the_place_of_what_is_written_leads_nowhere(root: Path, outside: Path, kind: str) -> None:
    for name in WRITTEN:
        shutil.rmtree(root)
        root.mkdir()
        write(root, {"Dockerfile": DOCKERFILE, "compose.yaml": COMPOSE, "app.py": "A = 1\n"})
        (root / name).unlink(missing_ok=True)
        (root / name).symlink_to(LINKS[kind](outside, name))
        for words in (("adopt",), ("audit", "--fix", "--force"), ("audit", "--fix", "--force", "--unsafe")):
            code, said = drydock(root, *words)
            assert code in (0, 1, 2), said
        assert (root / name).is_symlink()


@pytest.mark.parametrize("name", ["Dockerfile", ".dockerignore", "compose.yaml", "app.py"])
@pytest.mark.parametrize("kind", ["absolute", "relative", "endless"])
def test_a_proof_reads_and_writes_through_no_link(root: Path, outside: Path, name: str, kind: str) -> None:
    (root / name).unlink(missing_ok=True)
    (root / name).symlink_to(LINKS[kind](outside, name))
    code, said = drydock(root, "prove", "--runs=1")
    assert code in (0, 2, 4), said


@pytest.mark.parametrize("in_git", [False, True], ids=["a folder", "git"])
def test_what_lies_in_the_tree_is_copied_as_it_is_or_left_out(root: Path, outside: Path, in_git: bool) -> None:
    (root / "to-file").symlink_to(outside / "deep/file")
    (root / "to-folder").symlink_to("../outside")
    (root / "nowhere").symlink_to("/nowhere/at/all")
    (root / "loop").symlink_to(".")
    (root / "a\nb\x1b]0;owned\x07").write_text("x")
    (root / "Dockerfile.\x1b[31mred").write_text(DOCKERFILE)
    for number in range(3000):
        write(root, {f"many/{number % 50}/{number}": ""})
    if in_git:
        commit(root)
    os.mkfifo(root / "pipe")
    if os.geteuid() == 0:
        os.mknod(root / "zero", 0o20666, os.makedev(1, 5))
    with socket.socket(socket.AF_UNIX) as one, ExitStack() as stack:
        stack.callback(os.chdir, Path.cwd())
        os.chdir(root)
        one.bind("socket")
    code, said = drydock(root, "prove", "--runs=0")
    assert code == 0, said
    assert drydock(root, "adopt")[0] == 0


def test_a_huge_file_ends_it_in_one_line_and_takes_no_disk(root: Path, outside: Path) -> None:
    with (root / "big").open("wb") as big:
        big.truncate(50_000_000_000)
    free = shutil.disk_usage(root).free
    code, said = drydock(root, "prove")
    assert code == 2
    assert "too much for a scratch copy (8.0 GB at most): 50.0 GB, 50.0 GB of it 'big'" in said
    adopts(root, *OWN)
    assert free - shutil.disk_usage(root).free < 1_000_000_000


def test_a_folder_that_becomes_a_link_meanwhile_is_not_written_through(root: Path, outside: Path) -> None:
    (root / "web").mkdir()
    (root / "compose.yaml").write_text("services:\n  web:\n    build: web\n")
    over = threading.Event()

    def swap() -> None:
        while not over.is_set():
            with suppress(OSError):
                (root / "web").rename(root / "aside")
                (root / "web").symlink_to("../outside/deep")
            with suppress(OSError):
                (root / "web").unlink()
                (root / "aside").rename(root / "web")

    thread = threading.Thread(target=swap)
    write(root, {"web/Dockerfile": DOCKERFILE, "web/requirements.txt": "x\n"})
    thread.start()
    try:
        for _ in range(20):
            for words in (("audit", "--fix", "--force", "--unsafe"), ("adopt",)):
                code, said = drydock(root, *words)
                assert code in (0, 1, 2, 3), said
    finally:
        over.set()
        thread.join()


WANTS = {
    "privileged": True,
    "pid": "host",
    "ipc": "host",
    "uts": "host",
    "userns_mode": "host",
    "network_mode": "host",
    "cap_add": ["SYS_ADMIN", "SYS_PTRACE", "NET_ADMIN"],
    "devices": ["/dev/null:/dev/host-null"],
    "security_opt": ["seccomp=unconfined", "apparmor=unconfined"],
    "cgroup_parent": "/",
    "sysctls": {"net.ipv4.ip_forward": "1"},
    "device_cgroup_rules": ["a *:* rwm"],
    "extra_hosts": ["host.docker.internal:host-gateway"],
    "secrets": ["shadow"],
    "configs": ["hosts"],
}
SEALED = """\
import os, pathlib, socket
from http.server import BaseHTTPRequestHandler, HTTPServer


def granted():
    status = dict(line.split(":\\t", 1) for line in pathlib.Path("/proc/self/status").read_text().splitlines())
    yield from (path for path in ("/host", "/run/docker.sock", "/var/run/docker.sock", "/run/secrets/shadow",
                                  "/hosts", "/dev/host-null") if os.path.exists(path))
    if int(status["CapEff"], 16) & (1 << 21 | 1 << 19 | 1 << 12):  # SYS_ADMIN, SYS_PTRACE, NET_ADMIN
        yield "capabilities"
    if int(status["Seccomp"]) == 0:
        yield "no seccomp"
    if pathlib.Path("/proc/1/cmdline").read_bytes().startswith((b"/sbin", b"init")) or "KEPT" in os.environ:
        yield "processes or variables of the host"
    if os.environ.get("ALSO") != "this":
        yield "a variable of its own is missing"
    with socket.socket() as one:
        one.settimeout(2)
        if one.connect_ex(("192.0.2.1", 80)) not in (101, 113):
            yield "a way out"


class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        found = list(granted())
        print("granted:", *found, flush=True)
        self.send_response(500 if found else 200)
        self.end_headers()


HTTPServer(("", 8000), Answer).serve_forever()
"""


def test_a_compose_file_that_asks_for_the_host_gets_nothing_and_is_told_what(root: Path, outside: Path) -> None:
    web: dict[str, Any] = {
        "build": {"context": ".", "network": "host", "ssh": ["default"], "secrets": ["shadow"]},
        "env_file": [str(outside / "kept.env"), "own.env"],
        "ports": ["0.0.0.0:18080:8000"],
        "volumes": ["/:/host", "/var/run/docker.sock:/var/run/docker.sock", "root:/data"],
        **WANTS,
    }
    bound = {"driver": "local", "driver_opts": {"type": "none", "o": "bind", "device": "/"}}
    model = {
        "services": {"web": web},
        "secrets": {"shadow": {"file": "/etc/shadow"}},
        "configs": {"hosts": {"file": "/etc/hosts"}},
        "volumes": {"root": bound},
    }
    write(root, {"compose.yaml": json.dumps(model), "own.env": "ALSO=this\n", "app.py": SEALED})
    (root / "Dockerfile").write_text(
        "FROM python:3.12-slim\nENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1\nWORKDIR /srv\nCOPY app.py /srv/\n"
        "RUN --mount=type=secret,id=shadow ! test -e /run/secrets/shadow\nEXPOSE 8000\n"
        'CMD ["python", "app.py"]\n'
    )
    copy = Path(shutil.copytree(root, root.parent / "adopted"))
    (copy / "env").symlink_to(outside)
    (copy / "up").symlink_to("../outside")
    adopts(copy, *OWN[1:])  # its Dockerfile copies one file, so no ignore file is wanting
    report = prove.run(config.load(root, os.environ), prove.Request(runs=0), lambda _: None, date(2026, 6, 1))
    seen = report.capture["services"]["web"]
    assert "8000 / answers 200" in seen["before"], (seen, report.text())
    told = report.capture["unestablished"]
    for name in WANTS:
        assert f"web: its {name} is left out" in told, (name, told)
    for words in (
        "web: the mount at /host is left out",
        "web: the mount at /var/run/docker.sock is left out",
        "web: its build's secret shadow is left out",
        "web: its build's ssh is left out",
        "web: its build's network is left out",
        f"web: its env_file {outside}/kept.env lies outside the repository, so its values are left out",
    ):
        assert words in told, (words, told)


@pytest.mark.parametrize("name", HARM)
def test_a_dockerfile_that_takes_all_it_can_is_adopted_and_not_built(root: Path, outside: Path, name: str) -> None:
    (root / "Dockerfile").write_text(f"FROM python:3.12-slim\nCOPY . /srv\n{HARM[name]}\n")
    (root / "deep").symlink_to(outside)
    adopts(root, *OWN)


def test_an_env_file_above_the_repository_is_not_there(root: Path, outside: Path) -> None:
    (root / "compose.yaml").write_text(f"{COMPOSE}    env_file: ../outside/kept.env\n")
    code, said = drydock(root, "prove", "--runs=0")
    assert (code, "env file ../outside/kept.env not found" in said) == (2, True), said


@pytest.mark.parametrize(
    ("build", "said"),
    [
        ({"context": "../.."}, "its context lies outside the repository"),
        ({"context": "/etc"}, "its context lies outside the repository"),
        ({"context": ".", "dockerfile": "/etc/hostname"}, "its Dockerfile lies outside the repository"),
        ({"context": ".", "additional_contexts": {"host": "/etc"}}, "its context host lies outside the repository"),
    ],
    ids=["above", "elsewhere", "dockerfile", "named context"],
)
def test_nothing_outside_the_repository_enters_a_build(
    root: Path, outside: Path, build: dict[str, Any], said: str
) -> None:
    write(root, {"compose.yaml": json.dumps({"services": {"web": {"build": build}}})})
    code, words = drydock(root, "prove", "--runs=0")
    assert (code, said in words) == (4, True), words


def test_a_service_that_extends_one_from_outside_is_proven_without_what_that_asks_for(
    root: Path, outside: Path
) -> None:
    extends = {"file": str(outside / "base.yaml"), "service": "base"}
    write(root, {"compose.yaml": json.dumps({"services": {"web": {"build": ".", "extends": extends}}})})
    code, said = drydock(root, "prove", "--runs=0")
    assert code == 0, said
    assert "web: its privileged is left out" in said


@pytest.fixture
def confined(docker: Docker) -> Iterator[tuple[Machine, Path]]:
    """An engine of its own on a small disk of its own, under a control group with few processes and little memory."""
    group = f"drydock-hostile-{os.getpid()}"
    with TemporaryDirectory(prefix="ddh", ignore_cleanup_errors=True) as name, ExitStack() as stack:
        folder = Path(name).resolve()
        made = cgroup(group, processes=200, memory=1 << 30)
        stack.callback(remove_cgroup, made)
        data = folder / "h/engine/data"
        data.mkdir(parents=True)
        with (folder / "disk").open("wb") as disk:
            disk.truncate(2_000_000_000)
        subprocess.run(["mkfs.ext4", "-q", "-F", str(folder / "disk")], check=True)
        subprocess.run(["mount", "-o", "loop", str(folder / "disk"), str(data)], check=True)
        stack.callback(subprocess.run, ["umount", "-l", str(data)], check=False, capture_output=True)
        (folder / "pyproject.toml").write_text(f'[tool.drydock.engine]\ncgroup_parent = "/{group}"\n')
        with machines.made(folder, docker.settings, docker.found, docker.base("python:3.12-slim")) as machine:
            yield machine, made[0]


def cgroup(name: str, *, processes: int, memory: int) -> list[Path]:
    """A control group with these limits, in version 1 or 2; that of the processes comes first."""
    top = Path("/sys/fs/cgroup")
    if (top / "cgroup.controllers").exists():
        (top / name).mkdir()
        (top / name / "pids.max").write_text(str(processes))
        (top / name / "memory.max").write_text(str(memory))
        return [top / name]
    for kind in ("pids", "memory"):
        (top / kind / name).mkdir()
    (top / "pids" / name / "pids.max").write_text(str(processes))
    (top / "memory" / name / "memory.limit_in_bytes").write_text(str(memory))
    return [top / kind / name for kind in ("pids", "memory")]


def remove_cgroup(groups: list[Path]) -> None:
    for group in groups:
        for folder, _, _ in os.walk(group, topdown=False):
            with suppress(OSError):
                Path(folder).rmdir()


ENDED = {
    "forks": "it takes longer than 20.0 s",
    "never ends": "it takes longer than 20.0 s",
    "fills the disk": "it fills the engine's disk",
    "fills the disk with files": "it fills the engine's disk",
    "takes memory": "exit code: 137",
}


@pytest.mark.skipif(os.geteuid() != 0, reason="control groups and mounts need root")
def test_a_build_that_takes_all_it_can_is_ended_and_the_next_one_goes_on(
    confined: tuple[Machine, Path], root: Path, outside: Path, record_property: Callable[[str, object], None]
) -> None:
    machine, group = confined
    free = shutil.disk_usage("/").free
    for name, line in HARM.items():
        (root / "Dockerfile").write_text(f"FROM python:3.12-slim\n{line}\n")
        settings, began = config.load(root, machine.environ), time.monotonic()
        report = prove.run(settings, prove.Request(runs=0, minutes=1 / 3), lambda _: None, date(2026, 6, 1))
        record_property(f"{name}, ended after [s]", time.monotonic() - began)
        assert report.code == 4
        assert ENDED[name] in report.capture["images"]["web"]["before"]["trouble"], (name, report.text())
        assert int((group / "pids.current").read_text()) == 0
        assert machine.left(root, in_engine=True) == []
    assert abs(free - shutil.disk_usage("/").free) < 2_200_000_000
    (root / "Dockerfile").write_text("FROM python:3.12-slim\nRUN echo well > /it-is\n")
    with machine.start(("build",), root) as child:
        _, said = child.communicate(timeout=120)
        assert child.returncode == 0, said
