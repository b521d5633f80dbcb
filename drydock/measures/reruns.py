"""Steps that ran again after a source edit, as the newest capture of scenarios tells."""

from pathlib import Path

from drydock.measures import evidence, timings
from drydock.values import dataclass

KIND, VARIANT = "scenarios", "plan"


@dataclass(frozen=True)
class Reruns:
    """The instructions that ran in the run that had most of them, and the capture that holds it, with its date."""

    capture: str
    date: str
    instructions: tuple[str, ...]


def newest(root: Path, image: str) -> Reruns | None:
    """What the newest capture that has this scenario of the image tells, or None."""
    for name in evidence.captures(root, KIND):
        document = evidence.load(root, name)
        edited = timings.find(document, image, VARIANT, timings.SOURCE)
        if edited and edited.steps:
            ran = [tuple(step["instruction"] for step in run if not step["cached"]) for run in edited.steps]
            return Reruns(name, document["date"], max(ran, key=len))
    return None
