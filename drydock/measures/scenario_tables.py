"""A capture of kind "scenarios" as rows of text, for tables on a terminal and in documents. Pure."""

from collections.abc import Sequence

from drydock.measures import timings
from drydock.measures.timings import Document, Spread, Timing
from drydock.text import human_bytes, human_seconds, known_bytes, ratio, shortened

Row = tuple[str, ...]
WIDTH = 70  # columns of an instruction
SIZES = (("disk_bytes", "size unpacked"), ("pull_bytes", "size to pull"), ("own_bytes", "own part"))


def compared(document: Document) -> tuple[Row, list[Row]]:
    """Header and rows where a baseline was measured beside the plan: scenarios, then sizes."""
    rows: list[Row] = []
    for image, variants in document["images"].items():
        before, after = variants["baseline"], variants["plan"]
        for scenario in after["scenarios"]:
            old, new = (timings.find(document, image, which, scenario) for which in ("baseline", "plan"))
            if old and new:
                share = ratio(new.spread.median, old.spread.median)
                rows.append((image, scenario, spread(old.spread), spread(new.spread), share, steps(old), steps(new)))
        for key, title in SIZES:
            if before.get(key) is not None and after.get(key) is not None:
                size = ratio(after[key], before[key])
                rows.append((image, title, human_bytes(before[key]), human_bytes(after[key]), size, "", ""))
    header = ("image", "what", "before", "after", "after / before", "steps run before", "after")
    return header, rows


def alone(document: Document) -> tuple[Row, list[Row]]:
    """Header and rows where only the plan was measured."""
    header = ("image", "scenario", "median", "smallest", "largest", "outliers", "steps run")
    return header, [
        (
            one.image,
            one.scenario,
            *(human_seconds(value) for value in (one.spread.median, one.spread.smallest, one.spread.largest)),
            outliers(one.spread),
            steps(one),
        )
        for one in timings.each(document)
    ]


def derived(document: Document) -> tuple[Row, list[Row]]:
    """Header and rows of what follows from several scenarios."""
    variants = list(dict.fromkeys(name for held in document["images"].values() for name in held))
    rows: list[Row] = []
    for variant in variants:
        for image in document["images"]:
            if (more := timings.over_nothing(document, image, variant)) is not None:
                rows.append((image, variant, "source edit, over a build with nothing to do", f"{more:+.2f} s"))
            if (more := timings.over_bundler(document, image, variant)) is not None:
                rows.append((image, variant, "source edit, over the bundler's own time", f"{more:+.2f} s"))
        if (share := timings.together(document, variant)) is not None:
            rows.append(("all", variant, "all at once, in units of the slowest alone", f"{share:.2f}"))
    return ("image", "variant", "what", "figure"), rows


def breakdown(document: Document) -> tuple[Row, list[Row]]:
    """Header and rows of the steps that ran in each scenario."""
    rows: list[Row] = []
    for one in timings.each(document):
        runs = len(one.steps)
        rows += [
            (
                one.image,
                one.variant,
                one.scenario,
                f"{step.stage}: {shortened(step.instruction, WIDTH)}",
                human_seconds(step.seconds),
                f"{step.times} of {runs}",
            )
            for step in one.ran
        ]
    return ("image", "variant", "scenario", "step", "median", "runs"), rows


def odd(document: Document) -> list[str]:
    """A sentence for each timing with outliers, and the rule that names them."""
    found = [
        f"{one.image}, {one.variant}, {one.scenario}: outliers are {outliers(one.spread)}"
        for one in timings.each(document)
        if one.spread.outliers
    ]
    return [*found, timings.RULE] if found else []


def spread_of(seconds: Sequence[float]) -> str:
    """The spread of such times, as text."""
    return spread(Spread(tuple(seconds)))


def spread(one: Spread) -> str:
    """Median, and smallest and largest where there are several."""
    middle = human_seconds(one.median)
    several = f" ({human_seconds(one.smallest)} to {human_seconds(one.largest)})"
    return middle + several if len(one.seconds) > 1 else middle


def steps(one: Timing) -> str:
    """How many of the steps ran."""
    return f"{one.again:g} of {one.total}"


def outliers(one: Spread) -> str:
    """The runs that lie apart, with their seconds."""
    return ", ".join(f"run {at} ({human_seconds(one.seconds[at - 1])})" for at in one.outliers) or "none"


def sized(document: Document) -> tuple[Row, list[Row]]:
    """Header and rows of what the images weigh, where only the plan was measured."""
    rows: list[Row] = []
    for image, variants in document["images"].items():
        held = variants["plan"]
        sizes: Sequence[str] = [known_bytes(held.get(key)) for key, _ in SIZES]
        rows.append((image, *sizes, str(held.get("layers") or "-")))
    return ("image", *(title for _, title in SIZES), "layers"), rows
