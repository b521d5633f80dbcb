"""Kill -9 of Drydock, of its clients and of the engine at random moments of five commands; what is lost and left.

All of it happens on a private engine of its own: python bench/kills.py --save kills
"""

import argparse
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from itertools import takewhile
from pathlib import Path
from threading import Event
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.killing import machine as machines  # noqa: E402
from bench.killing import strikes, subjects  # noqa: E402
from bench.killing.strikes import Strike  # noqa: E402
from drydock import config  # noqa: E402
from drydock.bases import bases  # noqa: E402
from drydock.config import Config  # noqa: E402
from drydock.engines import engine  # noqa: E402
from drydock.engines.engine import Engine  # noqa: E402
from drydock.events import silent  # noqa: E402
from drydock.measures import capture, evidence, kill_tables  # noqa: E402
from drydock.text import table  # noqa: E402
from tests.engine.own import spacious  # noqa: E402

SEED = 20260103
COUNT = 50


def main(words: Sequence[str] | None = None) -> int:
    """Kill as often as asked for, show the table, and keep it; 1 where something is lost or left."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--count", type=int, default=COUNT, help=f"kills of each command (default: {COUNT})")
    parser.add_argument("--seed", type=int, default=SEED, help=f"gives the same moments again (default: {SEED})")
    parser.add_argument("--jobs", type=int, default=1, help="commands that are killed side by side (default: 1)")
    parser.add_argument("--only", default="", choices=["", *subjects.SUBJECTS], help="kill only this command")
    parser.add_argument("--save", default="", help="write the capture to docs/measurements under this name, each time")
    parser.add_argument("--more", action="store_true", help="go on where the capture of that name, broken off, ends")
    asked = parser.parse_args(words)
    if asked.more:
        held_to(asked.seed, asked.save, parser)
    settings = config.load(ROOT, os.environ)
    found = engine.find(settings)
    chosen = [asked.only] if asked.only else [*subjects.SUBJECTS]
    came = [*earlier(asked.save)] if asked.more else list[Strike]()
    head = header(settings, found, asked)

    def tell(one: Strike) -> None:
        say(one)
        came.append(one)
        if asked.save:
            evidence.save(ROOT, asked.save, document(head, came))

    done = Counter(one.command.split()[0] for one in came)
    killed(settings, found, {one: range(done[one], asked.count) for one in chosen}, asked.seed, tell, jobs=asked.jobs)
    told = document(head, came)
    sys.stdout.write(table(*kill_tables.rows(told)) + "\n")
    for line in kill_tables.odd(told):
        sys.stdout.write(f"{line}\n")
    return 1 if [*kill_tables.odd(told)] else 0


def held_to(seed: int, name: str, parser: argparse.ArgumentParser) -> None:
    """End where the capture that is to go on has moments of another seed."""
    kept = evidence.load(ROOT, name)["seed"]
    if kept != seed:
        parser.error(f"--more goes on with --seed {kept}, which {name} holds")


def earlier(name: str) -> Iterator[Strike]:
    """The kills that a capture holds already."""
    for one in evidence.load(ROOT, name)["kills"]:
        values: dict[str, Any] = {key: tuple(held) if isinstance(held, list) else held for key, held in one.items()}
        yield Strike(**values)


def killed(
    settings: Config,
    found: Engine,
    wanted: Mapping[str, range],
    seed: int,
    tell: Callable[[Strike], None],
    *,
    jobs: int = 1,
) -> list[Strike]:
    """Kill each command once for each of its numbers, `jobs` commands side by side, each on an engine of its own."""
    (base,) = bases.resolve(settings, found, (machines.BASE,), silent)
    over = Event()

    def kill(one: str) -> list[Strike]:
        numbers = takewhile(lambda _: not over.is_set(), wanted[one])
        if not wanted[one]:
            return []
        with spacious() as folder, machines.made(folder, settings, found, base.reference) as machine:
            return strikes.strikes(machine, subjects.SUBJECTS[one](machine.folder / one), numbers, seed, tell)

    with ThreadPoolExecutor(jobs) as pool:
        try:
            return [one for some in pool.map(kill, wanted) for one in some]
        except BaseException:
            over.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise


def header(settings: Config, found: Engine, asked: argparse.Namespace) -> dict[str, Any]:
    """What the capture begins with, taken before the first kill."""
    (base,) = bases.resolve(settings, found, (machines.BASE,), silent)
    only = f" --only {asked.only}" if asked.only else ""
    line = f"python bench/kills.py --count {asked.count} --seed {asked.seed}{only} --save {asked.save or 'NAME'}"
    origin = [{"name": base.name, "origin": base.origin.value}]
    head = capture.header(settings, found, kind="kills", command=line, bases=origin)
    return {**head, "seed": asked.seed, "count": asked.count}


def document(head: Mapping[str, Any], came: Sequence[Strike]) -> dict[str, Any]:
    """The capture of what came of kills, in the order of the commands."""
    order = [*subjects.SUBJECTS]
    return {**head, "kills": sorted(map(asdict, came), key=lambda one: order.index(one["command"].split()[0]))}


def say(one: Strike) -> None:
    """A line of progress."""
    words = f"{one.command}, {one.victim} at {one.at:.3f}: code {one.code}, {len(one.begun)} begun, next {one.next}"
    sys.stderr.write(
        f"{words}, {one.seconds} s {' '.join(('LOST', *one.lost) if one.lost else ())}"
        f" {' '.join(('LEFT', *one.left) if one.left else ())}\n"
    )


if __name__ == "__main__":
    sys.exit(main())
