"""One short Invoke task per command: flags in, text and exit code out."""

import functools
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

from invoke.collection import Collection
from invoke.exceptions import Exit
from invoke.tasks import task

from drydock import command, config, interrupts
from drydock.console import Console
from drydock.errors import INTERRUPTED, Misuse, Problem

Many = list[str] | None  # Invoke fills a flag that can be repeated only where its default is None

HELP = {
    "root": "folder of the repository (default: the current one)",
    "yes": "install and start what is missing without asking",
    "json": "print one JSON document instead of text",
    "service": "only this service; repeat for several",
}


def verb(**words: str) -> Callable[[Callable[..., int | None]], Any]:
    """Make a task of a function that returns an exit code (None is 0); `words` are the help of its flags.

    A Problem becomes one line, its remedy and its exit code; Ctrl-C and SIGTERM become 130; anything else is a bug.
    """

    def decorate(body: Callable[..., int | None]) -> Any:
        @functools.wraps(body)
        def wrapper(c: Any, *args: Any, **flags: Any) -> None:
            named = flags.get("root", "")
            if "root" in flags:  # a tasks.py names its own folder, so that a start from anywhere means that repository
                flags["root"] = named or c.config.get("drydock", {}).get("root", "")
            with command.dry_run(bool(c.config.run.dry)):
                try:
                    with interrupts.as_ctrl_c():
                        code = body(c, *args, **flags)
                except Problem as problem:
                    Console.of(os.environ, root=named).problem(problem)
                    code = problem.code
                except KeyboardInterrupt:
                    Console.of(os.environ).interrupted()
                    code = INTERRUPTED
            if code:
                raise Exit(code=code)

        shared = {flag: text for flag, text in HELP.items() if flag in body.__code__.co_varnames}
        iterable = [flag for flag, default in _defaults(body).items() if default is None]
        wrapper.__dict__["help"] = {**shared, **words}  # for the documents: Invoke empties the copy it is given
        return task(help={**shared, **words}, iterable=iterable, auto_shortflags=False)(wrapper)

    return decorate


def _defaults(body: Callable[..., Any]) -> dict[str, Any]:
    names = body.__code__.co_varnames[1 : body.__code__.co_argcount]
    return dict(zip(names, body.__defaults__ or (), strict=True))


def _own_root() -> str:
    """The folder that a tasks.py named as its own; empty where there is none."""
    return str(namespace.configuration().get("drydock", {}).get("root", ""))


def _whole(flag: str, words: str, least: int, usual: int) -> int:
    """The number a flag was given, or Misuse with a usual one; Invoke itself would answer with a traceback."""
    if not words.isdecimal() or int(words) < least:
        raise Misuse(f"{flag} {words}: not a whole number from {least} on", remedy=f"{flag} {usual}")
    return int(words)


def _format(format: str, json: bool) -> str:
    """The format of a task that has both flags: --json says --format json; Misuse where they disagree."""
    if json and format not in ("text", "json"):
        raise Misuse(f"--json and --format {format}: only one document can be given", remedy="leave one of them out")
    return "json" if json else format


@contextmanager
def face(
    root: str, *, yes: bool = False, lenient: bool = False, **manner: bool
) -> Iterator[tuple[config.Config, Console]]:
    """The repository's configuration, and the console in the manner asked for (json, quiet, verbose)."""
    with Console.of(os.environ, root="" if root == _own_root() else root, **manner) as console:
        yield config.load(Path(root or "."), os.environ, yes=yes, lenient=lenient), console


@verb(fix="apply the remedies that can be applied")
def doctor(c: Any, fix: bool = False, json: bool = False, root: str = "", yes: bool = False) -> int:
    """Check that this machine can build, run and measure; say what mends it."""
    from drydock.commands import doctor as command

    with face(root, yes=yes, lenient=True, json=json) as (settings, console):
        report = command.run(settings, fix=fix, tell=console.tell)
        console.give(report.document(), report.text(), states=True)
        return report.code


@verb(
    buildkit="build with BuildKit; --no-buildkit uses the classic builder where the Dockerfile allows it",
    target="build this stage instead of the one the compose file names",
    pull="ask for newer base images",
    builder="a builder made by docker buildx create",
    platform="platform to build for; repeat for several",
    push="push the result to its registry",
    cache_from="where to import build cache from; repeat for several",
    cache_to="where to export build cache to; repeat for several",
    oci="write each image to this folder as well, as an OCI archive that is dated like the commit",
    provenance="attest how it was built, with --push or --oci",
    sbom="attest what packages are in it, with --push or --oci",
    changed="build only what is not as its last build left it in the engine, and say why",
    since="with --changed: build only what differs from this commit, whatever the engine holds, as in CI",
    quiet="print only the names of what was built",
    verbose="show every step and its output as it comes",
)
def build(
    c: Any,
    buildkit: bool = True,
    service: Many = None,
    target: str = "",
    pull: bool = False,
    builder: str = "",
    platform: Many = None,
    push: bool = False,
    cache_from: Many = None,
    cache_to: Many = None,
    oci: str = "",
    provenance: bool = False,
    sbom: bool = False,
    changed: bool = False,
    since: str = "",
    quiet: bool = False,
    verbose: bool = False,
    json: bool = False,
    root: str = "",
    yes: bool = False,
) -> int:
    """Build all images at once and record what each step took."""
    from drydock.commands import build as command

    request = command.Request(
        services=tuple(service or ()),
        buildkit=buildkit,
        target=target,
        pull=pull,
        builder=builder,
        platforms=tuple(platform or ()),
        push=push,
        cache_from=tuple(cache_from or ()),
        cache_to=tuple(cache_to or ()),
        archives=Path(oci).absolute() if oci else None,
        provenance=provenance,
        sbom=sbom,
        changed=changed,
        since=since,
    )
    with face(root, yes=yes, json=json, quiet=quiet, verbose=verbose) as (settings, console):
        report = command.run(settings, request, tell=console.tell)
        console.give(report.document(), report.names() if quiet else report.text())
        return report.code


@verb(
    dev="mount the workspace and show source edits without an image build",
    build="build the images first; --no-build starts what is there",
    timeout="seconds to wait for the services to become healthy",
)
def up(c: Any, dev: bool = False, build: bool = True, timeout: str = "120", root: str = "", yes: bool = False) -> int:
    """Build, start the services, wait until they are healthy, and print their addresses."""
    from drydock.commands import up as command

    with face(root, yes=yes) as (settings, console):
        seconds = _whole("--timeout", timeout, least=1, usual=120)
        report = command.run(settings, dev=dev, build=build, timeout=seconds, tell=console.tell)
        console.give(report.document(), report.text())
        return report.code


@verb(volumes="remove the named volumes as well")
def down(c: Any, volumes: bool = False, root: str = "") -> int:
    """Stop the services; leave no container and no network behind."""
    from drydock.commands import up as command

    with face(root) as (settings, console):
        return command.down(settings, volumes=volumes, tell=console.tell)


@verb(follow="go on as new lines come", lines="how many lines of each service to begin with")
def logs(c: Any, service: Many = None, follow: bool = False, lines: str = "100", root: str = "") -> int:
    """Show what the services print."""
    from drydock.commands import up as command

    count = _whole("--lines", lines, least=0, usual=100)
    with face(root) as (settings, console):
        return command.logs(settings, services=tuple(service or ()), follow=follow, lines=count, show=console.show)


@verb()
def ps(c: Any, json: bool = False, root: str = "") -> int:
    """List the services, their state, health and addresses."""
    from drydock.commands import up as command

    with face(root, json=json) as (settings, console):
        report = command.ps(settings)
        console.give(report.document(), report.text())
        return report.code


@verb()
def restart(c: Any, service: Many = None, root: str = "") -> int:
    """Restart services and wait until they are healthy."""
    from drydock.commands import up as command

    with face(root) as (settings, console):
        return command.restart(settings, services=tuple(service or ()), tell=console.tell)


@verb(service="the service to enter")
def shell(c: Any, service: str = "", root: str = "") -> int:
    """Open a shell in the running container of a service."""
    from drydock.commands import up as command

    with face(root) as (settings, _):
        return command.shell(settings, service=service)


@verb(
    save="write the capture to docs/measurements under this name",
    against="compare with a saved capture, the image before (last), or the newest build of the branch main (main)",
    top="show so many of the largest layers, packages and files of each image",
    check="hold the images to their budgets; fails if a hard limit is exceeded and names what grew first",
    ratchet="lower the limits that have slack, in pyproject.toml",
)
def size(
    c: Any,
    service: Many = None,
    save: str = "",
    against: str = "",
    top: str = "",
    check: bool = False,
    ratchet: bool = False,
    json: bool = False,
    root: str = "",
) -> int:
    """Show what the images weigh, what they are made of, and how long they took to build; hold them to budgets."""
    from drydock.commands import budgets
    from drydock.commands import size as command

    most = _whole("--top", top, least=1, usual=10) if top else 0
    request = command.Request(tuple(service or ()), save, against, most)
    with face(root, json=json) as (settings, console):
        if check or ratchet:
            held = budgets.run(settings, request, lower=ratchet, tell=console.tell)
            console.give(held.document(), held.text(), states=True)
            return held.code
        report = command.run(settings, request, console.tell)
        console.give(report.document(), report.text())
        return report.code


@verb(
    limit="how many to list or export (default: 20 to list, all to export)",
    compare="show two builds step by step, given by their ids as A..B",
    export="write the builds to this file, for another ledger",
    import_="take in the builds of such a file that are not there yet",
)
def builds(
    c: Any,
    service: Many = None,
    limit: str = "",
    compare: str = "",
    export: str = "",
    import_: str = "",
    json: bool = False,
    root: str = "",
) -> int:
    """List the recorded builds, compare two of them, export and import them."""
    from drydock.commands import builds as command

    request = command.Request(tuple(service or ()), limit=limit, compare=compare, export=export, take_in=import_)
    with face(root, json=json) as (settings, console):
        report = command.run(settings, request)
        console.give(report.document(), report.text())
        return report.code


@verb(against="a branch, tag or commit; default, in a workflow: a pull request's base, or what a push followed")
def summary(c: Any, against: str = "", json: bool = False, root: str = "", yes: bool = False) -> int:
    """Say what this work changes in the images: sizes, steps that run again and why, budgets; 1 if one is exceeded."""
    from drydock.commands import summary as command

    with face(root, yes=yes, json=json) as (settings, console):
        report = command.run(settings, against=against, tell=console.tell)
        console.give(report.document(), report.text())
        return report.code


@verb(build="this build instead, by its id")
def why(c: Any, service: Many = None, build: str = "", json: bool = False, root: str = "") -> int:
    """Say why a step of the last build ran although an earlier build had it."""
    from drydock.commands import why as command

    with face(root, json=json) as (settings, console):
        report = command.run(settings, services=tuple(service or ()), build=build)
        console.give(report.document(), report.text())
        return report.code


@verb(
    env="print the line that points docker at this engine",
    start="start the private engine",
    stop="stop the private engine",
    purge="remove the private engine's data and what was added to apt, after asking",
)
def engine(
    c: Any,
    env: bool = False,
    start: bool = False,
    stop: bool = False,
    purge: bool = False,
    json: bool = False,
    root: str = "",
    yes: bool = False,
) -> int:
    """Show the engine in use and what it can do; start, stop or remove the private one."""
    from drydock.commands import engine as command

    with face(root, yes=yes, json=json) as (settings, console):
        report = command.run(settings, env=env, start=start, stop=stop, purge=purge, tell=console.tell)
        console.give(report.document(), report.text())
        return report.code


@verb(
    prune="trim the cache",
    keep="how much to keep when trimming, such as 2GB (default: nothing)",
    retry="use caches outside the engine again that did not pay",
)
def cache(c: Any, prune: bool = False, keep: str = "", retry: bool = False, json: bool = False, root: str = "") -> int:
    """Show what cache mounts and layers hold, per image, and trim them; say whether caches kept elsewhere pay."""
    from drydock.commands import cache as command

    with face(root, json=json) as (settings, console):
        report = command.run(settings, prune=prune, keep=keep, retry=retry, tell=console.tell)
        console.give(report.document(), report.text())
        return report.code


@verb()
def context(c: Any, service: Many = None, json: bool = False, root: str = "") -> int:
    """Show what each build context holds, what a build asks of it, and which ignore lines are worth adding."""
    from drydock.commands import context as command

    with face(root, json=json) as (settings, console):
        report = command.run(settings, services=tuple(service or ()), tell=console.tell)
        console.give(report.document(), report.text())
        return report.code


@verb(save="write the capture to docs/measurements under this name")
def verify(c: Any, service: Many = None, save: str = "", json: bool = False, root: str = "", yes: bool = False) -> int:
    """Build the images twice from nothing, and say which of their files come out otherwise."""
    from drydock.commands import verify as command

    with face(root, yes=yes, json=json) as (settings, console):
        report = command.run(settings, services=tuple(service or ()), save=save, tell=console.tell)
        console.give(report.document(), report.text())
        return report.code


@verb(
    scenario="only this scenario: pristine, cold, no-op, source-edit, dependency-edit, ignore-file-edit, "
    "imported-cache or both-at-once; repeat for several",
    runs="how often each scenario is timed (default: 3)",
    baseline="time the Dockerfiles of infra/baseline beside, in turns, and show ratios",
    save="write the capture to docs/measurements under this name",
    against="name what became worse since a saved capture; 1 if something did",
)
def bench(
    c: Any,
    service: Many = None,
    scenario: Many = None,
    runs: str = "3",
    baseline: bool = False,
    save: str = "",
    against: str = "",
    json: bool = False,
    root: str = "",
    yes: bool = False,
) -> int:
    """Time builds after edits, cold, on a fresh engine and more, on scratch copies."""
    from drydock.commands import bench as command

    request = command.Request(
        services=tuple(service or ()),
        scenarios=tuple(scenario or ()),
        runs=_whole("--runs", runs, least=1, usual=3),
        baseline=baseline,
        save=save,
        against=against,
    )
    with face(root, yes=yes, json=json) as (settings, console):
        report = command.run(settings, request, tell=console.tell)
        console.give(report.document(), report.text())
        return report.code


@verb(
    fix="mend what can be mended without changing what a container does",
    unsafe="with --fix or --diff: mend also what may change it",
    force="with --fix: write files that git could not give back",
    diff="show what the fixes change; without --fix nothing is written",
    format="text, json, sarif or github",
    select="only these rules, by their codes; repeat for several",
    severity="fail from this severity on: error, warning (default) or note",
    path="only this file or folder, from where you are or else from the root; repeat for several",
)
def audit(
    c: Any,
    fix: bool = False,
    unsafe: bool = False,
    force: bool = False,
    diff: bool = False,
    format: str = "text",
    select: Many = None,
    severity: str = "",
    path: Many = None,
    json: bool = False,
    root: str = "",
) -> int:
    """Find what makes builds slow, images big or containers fragile, and mend it."""
    from drydock.commands import audit as command

    request = command.Request(
        fix=fix,
        unsafe=unsafe,
        force=force,
        diff=diff,
        format=_format(format, json),
        select=tuple(select or ()),
        severity=severity,
        paths=tuple(path or ()),
    )
    with face(root, json=request.format == "json") as (settings, console):
        report = command.run(settings, request, tell=console.tell, today=date.today())
        console.give(report.document() if console.json else {}, report.text())  # its diffs take a while
        return report.code


@verb(
    level="which fixes: safe (default), or unsafe for those too that may change what a container does",
    keep="write the fixes that hold into the work tree; without it they are only shown",
    runs="how often each scenario is timed (default: 3; 0: not at all)",
    minutes="end a build that takes longer than this many minutes (default: 30)",
    format="text, json or markdown",
    save="write the capture to docs/measurements under this name",
)
def prove(
    c: Any,
    level: str = "safe",
    keep: bool = False,
    service: Many = None,
    runs: str = "3",
    minutes: str = "30",
    format: str = "text",
    save: str = "",
    json: bool = False,
    root: str = "",
    yes: bool = False,
) -> int:
    """Build, start and measure the repository before and after its fixes; keep those that are worth it."""
    from drydock.commands import prove as command

    request = command.Request(
        level=level,
        keep=keep,
        services=tuple(service or ()),
        runs=_whole("--runs", runs, least=0, usual=3),
        minutes=_whole("--minutes", minutes, least=1, usual=30),
        format=_format(format, json),
        save=save,
    )
    with face(root, yes=yes, json=request.format == "json") as (settings, console):
        report = command.run(settings, request, console.tell, date.today())
        console.give(report.document(), report.text())
        return report.code


@verb()
def adopt(c: Any, json: bool = False, root: str = "") -> int:
    """Write what Drydock needs in this repository, where it is missing; nothing is overwritten."""
    from drydock.commands import adopt as command

    with face(root, json=json) as (settings, console):
        report = command.run(settings, date.today())
        console.give(report.document(), report.text())
        return 0


@verb(check="compare instead of writing; fails if a block is out of date")
def docs(c: Any, check: bool = False, root: str = "") -> int:
    """Render the generated blocks of README and docs from evidence and code."""
    from drydock.commands import docs as command

    with face(root) as (settings, console):
        report = command.run(settings, namespace, check=check)
        console.give(report.document(), report.text())
        return report.code


@verb(job="only this job of the workflow", save="write the capture to docs/measurements under this name")
def ci(c: Any, job: str = "", save: str = "", json: bool = False, root: str = "", yes: bool = False) -> int:
    """Run the GitHub workflow on this machine with act."""
    from drydock.commands import ci as command

    with face(root, yes=yes, json=json) as (settings, console):
        report = command.run(settings, job=job, save=save, json=json, tell=console.tell)
        if report.steps or report.skipped:  # else who brought act has given it
            console.give(report.document(), report.text())
        return report.code


namespace = Collection(
    *(doctor, build, up, down, logs, ps, restart, shell, size, builds, why, summary, bench, context, engine, cache),
    *(audit, prove, verify, adopt, docs, ci),
)
