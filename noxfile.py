"""What has to hold, as sessions: the workflow, `.ci/run` and `./dev test` run these and nothing else."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import nox

nox.needs_version = ">=2026.1"
nox.options.reuse_venv = "yes"
nox.options.default_venv_backend = "virtualenv"  # pip follows the machine's own configuration, uv another

ROOT = Path(__file__).parent
BACKEND = ROOT / "backend"
FRONTEND = ROOT / "frontend"
FUZZ = "10000"  # cases of each of the two tests, for each of the four kinds of files
GRACE = 90  # seconds: after Ctrl-C nox itself would wait for less than one, and what was started would stay
ENGINES_OWN = {"BUILDX_BUILDER": None}  # a builder beside the engine keeps its images to itself
COVERAGE = {"COVERAGE_FILE": str(ROOT / ".coverage"), "COVERAGE_RCFILE": str(ROOT / "pyproject.toml")}


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, types, Dockerfiles, workflow, compose files, shell and generated documents."""
    install(session, "lint", "node")
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("mypy")
    with session.chdir(BACKEND):
        session.run("mypy", "--strict", "--python-version=3.12", "app")
    workflows = files(".github/workflows/*.yml")
    session.run("hadolint", *files("*/Dockerfile"))
    session.run("zizmor", "--offline", "--quiet", *workflows)
    session.run("check-jsonschema", "--builtin-schema=vendor.github-workflows", *workflows)
    session.run(
        "check-jsonschema",
        "--builtin-schema=vendor.compose-spec",
        *files("infra/*compose*.yml", "bench/*/compose.yaml"),
    )
    session.run("shellcheck", *files(".ci/run", "*/*.sh"))
    session.run("python", "-m", "pytest", "-q", "tests/linters")
    with node_modules(session):
        session.run("npm", "run", "lint")
        session.run("npm", "run", "format:check")
        session.run("npm", "run", "api:check")
        session.run("npm", "run", "check")
    session.run("python", "-m", "invoke", "audit", "--severity", "note")
    session.run("python", "-m", "invoke", "docs", "--check")


@nox.session
def tests(session: nox.Session) -> None:
    """Run the unit tests of the package and of both services, which reach 90 % of the Python; or what is named."""
    install(session, "tests", "node")
    if session.posargs:
        session.run("python", "-m", "pytest", *session.posargs)
        return
    session.run("coverage", "erase", env=COVERAGE)
    measure = ("--cov-append", "--cov-report=")
    session.run("python", "-m", "pytest", "--numprocesses=auto", "--cov=drydock", *measure, env=COVERAGE)
    with session.chdir(BACKEND):
        session.run("python", "-m", "pytest", "tests", "--cov=app", *measure, env=COVERAGE)
    session.run("coverage", "report", "--fail-under=90", env=COVERAGE)
    with node_modules(session):
        session.run("npm", "run", "test")


@nox.session(name="docker-test")
def docker_test(session: nox.Session) -> None:
    """Build both images on the real engine, test inside, check what ships and its size, start and stop the services."""
    install(session, "tests", "structure", "fuzz", "ci")
    if "GITHUB_STEP_SUMMARY" in os.environ:  # a workflow sums up what changed; budgets decide either way
        ready(session, "-m", "invoke", "summary")
    else:
        ready(session, "-m", "invoke", "build")
        session.run("python", "-m", "invoke", "size", "--check")
    session.run("python", "-m", "pytest", "tests/engine", *session.posargs, env=ENGINES_OWN)


@nox.session
def browser(session: nox.Session) -> None:
    """Drive a real browser over both services; `-- --screenshots` writes the pictures, `-- --save` the figures."""
    install(session, "browser")
    ready(session, "-m", "tests.browser.chromium")
    ready(session, "-m", "invoke", "build")
    words = ("tests/browser", *session.posargs)
    session.run("python", "-m", "pytest", *words, env=ENGINES_OWN, interrupt_timeout=GRACE)


@nox.session
def wheel(session: nox.Session) -> None:
    """Build the wheel, look into it, and use it as users do: installed apart, by pipx, as a hook, in three shells."""
    install(session, "release")
    words = ("--confcutdir=tests/release", "tests/release", *session.posargs)
    # The source is not on the module path: what is tested is what was installed.
    session.run("python", "-P", "-m", "pytest", *words)


@nox.session(default=False)
def long(session: nox.Session) -> None:
    """Run made-up files and edits, safe fixes, proofs, clean repositories, regressions, broken engines, caches cut off.

    Words behind `--` are for the tests of the engine, and the made-up files are left out.
    """
    install(session, "tests")
    if not session.posargs:
        fuzz = ("tests/test_audit_fuzz.py", "--numprocesses=auto")
        session.run("python", "-m", "pytest", *fuzz, env={"DRYDOCK_FUZZ": FUZZ})
    ready(session, "-m", "invoke", "build")
    session.run("python", "-m", "pytest", "tests/engine/long", *session.posargs, env=ENGINES_OWN)


@nox.session(default=False)
def faults(session: nox.Session) -> None:
    """Kill everything at random moments, build what means harm, look for planted secrets; `-- --kills N --seed N`."""
    install(session, "tests")
    ready(session, "-m", "invoke", "build")
    session.run("python", "-m", "pytest", "tests/engine/faults", *session.posargs, env=ENGINES_OWN)


@nox.session(default=False)
def docs(session: nox.Session) -> None:
    """Compare every generated block of the documents with what the code and the evidence give."""
    install(session, "tests")
    session.run("python", "-m", "invoke", "docs", "--check", *session.posargs)


@nox.session(default=False)
def ci(session: nox.Session) -> None:
    """Run the GitHub workflow on this machine."""
    install(session, "tests", "ci")
    ready(session, "-m", "invoke", "ci", *session.posargs)


@nox.session(default=False)
def bench(session: nox.Session) -> None:
    """Time Drydock against the bare tools, pair by pair."""
    install(session, "tests")
    session.run("python", "bench/noop.py", *session.posargs)


@nox.session(default=False)
def lock(session: nox.Session) -> None:
    """Make the lock files anew: the newest versions that pyproject.toml and backend/requirements*.in allow."""
    install(session, "lock")
    compile_ = ("uv", "pip", "compile", "--quiet", "--universal", "--upgrade", "--generate-hashes", "--no-annotate")
    env = {"UV_CUSTOM_COMPILE_COMMAND": "./dev nox -s lock"}
    services = ("-c", "backend/requirements-test.txt")
    for name in ("requirements", "requirements-test"):
        source, made = f"backend/{name}.in", f"backend/{name}.txt"
        session.run(*compile_, "--python-version=3.12", source, "--output-file", made, env=env)
    heavy = ("bench/heavy/requirements.in", "--output-file", "bench/heavy/requirements.txt")
    session.run(*compile_, "--python-version=3.12", *heavy, env=env)
    ours = (*compile_, "--python-version=3.11")
    session.run(*ours, "pyproject.toml", *services, "--output-file", "requirements.lock", env=env)
    for group in ("lint", "tests", "browser"):
        same = (*services, "-c", "requirements.lock")
        session.run(*ours, "pyproject.toml", "--group", group, *same, "--output-file", f"locks/{group}.lock", env=env)
    session.run(*ours, "--group", "fuzz", "-c", "locks/tests.lock", "--output-file", "locks/fuzz.lock", env=env)
    release = ("--group", "release", "-c", "locks/tests.lock")
    session.run(*ours, *release, "--output-file", "locks/release.lock", env=env)
    for group in ("node", "ci", "structure", "lock"):
        session.run(*ours, "--group", group, "--output-file", f"locks/{group}.lock", env=env)


def ready(session: nox.Session, *words: str) -> None:
    """Run Python on what finds an engine or a browser, or with consent brings one: `-m invoke build` does.

    Where it fails, nox ends with its exit code, which says whether the repository falls short or the machine is not
    ready; nox itself would end with 1 for both. Ctrl-C reaches it as well, and it has GRACE to clean up.
    """
    session.log(f"python {' '.join(words)}")
    path = os.pathsep.join([*(session.bin_paths or ()), os.environ.get("PATH", os.defpath)])
    environ = {**os.environ, "PATH": path, **session.env}
    argv = [str(Path(session.bin) / "python"), *words]
    env = {name: value for name, value in environ.items() if value is not None}
    with subprocess.Popen(argv, env=env, cwd=ROOT) as child:  # noqa: S603
        try:
            code = child.wait()
        except KeyboardInterrupt:
            try:
                child.wait(GRACE)
            except subprocess.TimeoutExpired:
                child.kill()
            raise
    if code:
        sys.exit(code)


def install(session: nox.Session, *groups: str) -> None:
    """Fill the session's environment from the hash-checked locks, unless it already holds just that."""
    locks = [ROOT / "locks" / f"{group}.lock" for group in groups]
    wanted = digest(*locks)
    stamp = Path(session.virtualenv.location) / "locks.stamp"
    if stamp.exists() and stamp.read_text() == wanted:
        return
    session.install("--require-hashes", "--no-deps", *(word for lock in locks for word in ("-r", str(lock))))
    stamp.write_text(wanted)


def node_modules(session: nox.Session) -> "nox.sessions._WorkingDirContext":
    """Enter the front end, with the packages its lock names installed."""
    lock_file = FRONTEND / "package-lock.json"
    stamp = FRONTEND / "node_modules" / ".lock.stamp"
    context = session.chdir(FRONTEND)
    if not stamp.exists() or stamp.read_text() != digest(lock_file):
        session.run("npm", "ci", "--no-audit", "--no-fund")
        stamp.write_text(digest(lock_file))
    return context


def digest(*paths: Path) -> str:
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()


def files(*patterns: str) -> list[str]:
    """The files of the repository that fit, sorted; a pattern that fits none is left out."""
    return sorted(str(path.relative_to(ROOT)) for pattern in patterns for path in ROOT.glob(pattern))
