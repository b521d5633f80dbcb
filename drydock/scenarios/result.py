"""What came of a benchmark: the trials that count, and the capture made of them."""

from collections.abc import Mapping, Sequence
from dataclasses import field
from typing import Any

from drydock.config import Config
from drydock.engines.engine import Engine
from drydock.measures import capture, ledger, oci
from drydock.measures.layers import remember
from drydock.scenarios import rounds, trial, wishes
from drydock.scenarios.rounds import Subject
from drydock.scenarios.scenario import Scenario
from drydock.scenarios.trial import Trial
from drydock.values import dataclass


@dataclass
class Kept:
    """What the builds left so far: trials that count, and what has to be removed or told in the end."""

    trials: dict[tuple[str, str, Scenario], list[Trial]] = field(default_factory=dict)
    weights: dict[tuple[str, str], Mapping[str, Any]] = field(default_factory=dict)
    bases: dict[str, Mapping[str, str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def document(
    config: Config, found: Engine, subjects: Sequence[Subject], names: Sequence[str], runs: int, line: str, kept: Kept
) -> dict[str, Any]:
    """The capture of what was kept; `line` is the command that measures it again."""
    bases = list(kept.bases.values())
    head = capture.header(config, found, kind="scenarios", command=line, bases=bases)
    images = {
        name: {subject.copy.variant: _variant(config, subject, name, kept) for subject in subjects} for name in names
    }
    at_once = {
        variant: {"seconds": [round(one.seconds, 3) for one in trials]}
        for (image, variant, _), trials in kept.trials.items()
        if image == rounds.ALL
    }
    return {**head, "runs": runs, "images": images, "together": at_once, "notes": kept.notes}


def weigh(config: Config, found: Engine, subjects: Sequence[Subject], names: Sequence[str], kept: Kept) -> None:
    """Keep what every image weighs; before any edit, since a dependency edit adds packages."""
    for subject in subjects:
        for name in names:
            tag = subject.copy.image(name).tag
            kept.weights[name, subject.copy.variant] = _weight(config, found, tag, kept)


def _variant(config: Config, subject: Subject, name: str, kept: Kept) -> dict[str, Any]:
    """One variant of one image as it is saved: its scenarios, edits, what it reads, and what it weighs."""
    wish, variant = wishes.of(config.settings, name), subject.copy.variant
    scenarios = {
        one.value: _raw(kept.trials[name, variant, one], name, wish)
        for one in Scenario
        if (name, variant, one) in kept.trials
    }
    read = subject.reads[name]
    return {
        "scenarios": scenarios,
        "edits": {one.value: edit.what for one, edit in subject.edits[name].items()},
        "asks": list(read.asks),
        "locks": list(read.locks),
        **kept.weights[name, variant],
    }


def _raw(trials: Sequence[Trial], name: str, wish: wishes.Wishes) -> dict[str, Any]:
    """The runs of a scenario; what the bundler took only where each run tells it."""
    raw: dict[str, Any] = {"seconds": [round(one.seconds, 3) for one in trials]}
    for key, measured in (("bundler", trial.bundler), ("bundler_says", trial.said)):
        took = [seconds for one in trials if (seconds := measured(one.output, wish)) is not None]
        if len(took) == len(trials):
            raw[key] = [round(seconds, 3) for seconds in took]
    return {**raw, "steps": [one.raw(name) for one in trials]}


def _weight(config: Config, found: Engine, tag: str, kept: Kept) -> dict[str, Any]:
    references = [tag, *(base["reference"] for base in kept.bases.values())]
    present = oci.inspect(found, references)
    if tag not in present:
        return {}
    known = ledger.layers(config, [diff_id for one in present.values() for diff_id in one.diff_ids])
    measured = oci.measure(found, [present[tag]], known, lambda _: None, exact=True)
    remember(config, [one.layer for one in measured.read])
    under = [present[one] for one in references[1:] if one in present]
    weight = oci.based(measured.sizes[tag], present[tag], under, measured.weights)
    sizes = ("disk_bytes", "pull_bytes", "base_bytes", "own_bytes")
    return {**{name: getattr(weight, name) for name in sizes}, "layers": len(present[tag].diff_ids)}
