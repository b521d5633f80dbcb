"""The wheel, built from what is tracked here, and installed as users install it: nothing of the source is in reach."""

import os
import re
import subprocess
import sys
import venv
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).resolve().parents[2]
PINNED = re.compile(r"^[a-zA-Z0-9_.-]+==[^\s\\]+", re.MULTILINE)
MANIFEST = '{"name": "web", "version": "1.0.0", "private": true, "dependencies": {"left-pad": "1.3.0"}}\n'
DOCKERFILE = """FROM scratch
COPY . .
LABEL made=here
"""


class Dist(NamedTuple):
    """What one build made."""

    sdist: Path
    wheel: Path


class Installed(NamedTuple):
    """The command as a user has it; `python` is None where an installer keeps it to itself."""

    command: Path
    python: Path | None
    environ: Mapping[str, str]

    def __call__(self, *words: str, cwd: Path, **more: str) -> "subprocess.CompletedProcess[str]":
        environ = {**self.environ, **more}
        return subprocess.run([self.command, *words], cwd=cwd, env=environ, capture_output=True, text=True)


def run(*argv: str | Path, cwd: Path, environ: Mapping[str, str] | None = None) -> str:
    """What a command prints; one that fails shows what it said."""
    ran = subprocess.run(argv, cwd=cwd, env=environ, capture_output=True, text=True)
    assert ran.returncode == 0, f"{argv}\n{ran.stdout}\n{ran.stderr}"
    return ran.stdout


def copy_source(target: Path) -> Path:
    """The repository as a commit of this moment would hold it, as a repository of one commit."""
    listed = run("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard", cwd=ROOT)
    for name in filter(None, listed.split("\0")):
        source, made = ROOT / name, target / name
        if source.is_file():  # git still lists what was removed and not yet committed
            made.parent.mkdir(parents=True, exist_ok=True)
            made.write_bytes(source.read_bytes())
            made.chmod(source.stat().st_mode & 0o777)
    commit(target)
    return target


def commit(root: Path) -> None:
    who = ("-c", "user.name=Tester", "-c", "user.email=tester@example.org", "-c", "commit.gpgsign=false")
    run("git", "init", "--quiet", "--initial-branch=main", cwd=root)
    run("git", "add", "--all", cwd=root)
    run("git", *who, "commit", "--quiet", "--no-verify", "--message=everything", cwd=root)


def build(source: Path) -> Dist:
    """The source distribution, and the wheel made from that alone."""
    environ = {**os.environ, "SOURCE_DATE_EPOCH": "1600000000"}
    run(sys.executable, "-m", "build", "--no-isolation", source, cwd=source.parent, environ=environ)
    (sdist,), (wheel,) = (source / "dist").glob("*.tar.gz"), (source / "dist").glob("*.whl")
    return Dist(sdist, wheel)


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy_source(tmp_path_factory.mktemp("source") / "drydock")


@pytest.fixture(scope="session")
def dist(source: Path) -> Dist:
    return build(source)


@pytest.fixture(scope="session")
def versions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The locks as constraints: an installer that resolves by itself, as users' do, finds no other version tomorrow."""
    pins = [found for lock in ("requirements", "locks/release") for found in PINNED.findall(lock_text(lock))]
    path = tmp_path_factory.mktemp("versions") / "constraints.txt"
    path.write_text("\n".join(sorted(set(pins))) + "\n")
    return path


def lock_text(name: str) -> str:
    return (ROOT / f"{name}.lock").read_text()


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a user who never saw the source: no module path, nothing active, no workflow."""
    ours = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "FORCE_COLOR", "BUILDX_BUILDER")
    scripts = str(Path(sys.executable).parent)
    path = os.pathsep.join(one for one in os.environ["PATH"].split(os.pathsep) if one != scripts)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GITHUB_") and name not in ours}
    return {**kept, "PATH": path}


@pytest.fixture(scope="session")
def installed(dist: Dist, bare: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel in an environment of its own, beside what the lock names and nothing else."""
    folder = tmp_path_factory.mktemp("venv")
    venv.create(folder, with_pip=False, symlinks=os.name != "nt")
    scripts = folder / ("Scripts" if os.name == "nt" else "bin")
    pip = (sys.executable, "-m", "pip", "--python", scripts / "python", "install", "--quiet", "--no-deps")
    run(*pip, "--require-hashes", "--requirement", ROOT / "requirements.lock", cwd=folder, environ=bare)
    run(*pip, dist.wheel, cwd=folder, environ=bare)
    return Installed(scripts / "drydock", scripts / "python", bare)


@pytest.fixture(scope="session")
def pipx(dist: Dist, bare: dict[str, str], versions: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """The wheel as `pipx install` leaves it: one command in one folder."""
    home = tmp_path_factory.mktemp("pipx")
    environ = {**bare, "PIPX_HOME": f"{home}/home", "PIPX_BIN_DIR": f"{home}/bin", "PIPX_MAN_DIR": f"{home}/man"}
    words = ("install", f"--pip-args=--constraint={versions}", dist.wheel)
    run(sys.executable, "-m", "pipx", *words, cwd=home, environ=environ)
    return Installed(home / "bin" / "drydock", None, bare)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """Somebody else's repository: an image from nothing, and findings. The folder gives the image its name."""
    root = tmp_path / "drydock-release-test"
    root.mkdir()
    (root / "Dockerfile").write_text(DOCKERFILE)
    (root / "package.json").write_text(MANIFEST)
    (root / "README.md").write_text("# Shop\n\n<!-- drydock:tasks -->\n<!-- /drydock -->\n")
    commit(root)
    return root
