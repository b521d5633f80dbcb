"""What is edited in each copy of the images: found in the first one, and in the same places in the others."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from drydock.config import Config
from drydock.scenarios import choice, wishes
from drydock.scenarios.copies import Copy
from drydock.scenarios.rounds import Subject
from drydock.scenarios.scenario import Scenario


def make(
    config: Config,
    made: Sequence[Copy],
    names: Sequence[str],
    scenarios: Sequence[Scenario],
    platform: Mapping[str, str],
    notes: list[str],
) -> tuple[Subject, ...]:
    """The subjects of a benchmark; `notes` gets a sentence for each scenario for which nothing fit is found."""
    wanted = {name: wishes.of(config.settings, name) for name in names}
    subjects = []
    for copy in made:
        reads = {name: choice.reading(copy.image(name), platform) for name in names}
        edits = {}
        for name in names:
            edits[name], told = choice.find(copy.image(name), reads[name], wanted[name])
            wanted[name] = _same(wanted[name], edits[name])
            notes += [note for one, note in told.items() if one in scenarios and note not in notes]
        texts = {name: copy.image(name).dockerfile.read_text(encoding="utf-8") for name in names}
        subjects.append(Subject(copy, texts, reads, edits))
    return tuple(subjects)


def _same(wish: wishes.Wishes, edits: Mapping[Scenario, choice.Edit]) -> wishes.Wishes:
    found = {key: edits[one].path for one, key in choice.KEYS.items() if one in edits}
    return replace(wish, **found)
