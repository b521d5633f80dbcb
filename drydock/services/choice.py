"""Which services are meant: those that `--service` names, all where it names none. Pure."""

from collections.abc import Sequence

from drydock.config import Image
from drydock.errors import Misuse
from drydock.text import nearest


def among(images: Sequence[Image], wanted: Sequence[str], task: str) -> tuple[Image, ...]:
    """Those of the images that are wanted, all if none is named; Misuse for one that is not built here."""
    names = chosen([image.name for image in images], wanted, task)
    return tuple(image for image in images if image.name in names)


def chosen(
    known: Sequence[str], wanted: Sequence[str], task: str, *, kind: str = "service that is built here"
) -> set[str]:
    """Those of the known names that are wanted, all if none is.

    One that is not there raises Misuse; the remedy is the `task` with the name that was meant, as far as one can tell.
    """
    for name in wanted:
        if name not in known:
            there = f"there {'is' if len(known) == 1 else 'are'} {', '.join(known)}" if known else "there is none"
            flag = f" --service {nearest(name, known)}" if known else ""
            raise Misuse(f"no {kind} is called {name}: {there}", remedy=f"inv {task}{flag}")
    return set(wanted or known)
