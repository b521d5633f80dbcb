"""Whether the caches that an image keeps outside the engine pay: what they take, and what they save. Pure."""

from collections.abc import Iterable
from dataclasses import asdict, replace
from enum import Enum
from typing import Any

from drydock.text import human_seconds
from drydock.values import dataclass

USES = 10  # builds that count; what an older one took is forgotten, so what was left out is tried again in the end
ENOUGH = 3  # builds that imported a cache, before it is judged by what it saved


class Verdict(Enum):
    """What is known of the caches of an image."""

    PAYS = "pays"
    LOSES = "does not pay"
    OPEN = "open"


@dataclass(frozen=True)
class Use:
    """What caches took and saved in one build, in seconds; None where nothing was exported, imported or is known.

    `export_seconds` is how long exporting took; `import_seconds` the import, with the layers that were fetched;
    `saved_seconds` what the steps took, when they last ran, that came from the cache and not out of the engine's own;
    `most_seconds` what all steps of the image took, which is all that a cache can save.
    """

    export_seconds: float | None = None
    import_seconds: float | None = None
    saved_seconds: float | None = None
    most_seconds: float | None = None


@dataclass(frozen=True)
class Account:
    """The caches of an image as they are written, and the last builds with them, oldest first."""

    entries: tuple[str, ...]
    uses: tuple[Use, ...] = ()

    def after(self, use: Use) -> "Account":
        """The account with one more build."""
        return replace(self, uses=(*self.uses, use)[-USES:])

    @property
    def exported(self) -> float:
        return sum(_known(use.export_seconds for use in self.uses))

    @property
    def imported(self) -> float:
        return sum(_known(use.import_seconds for use in self.uses))

    @property
    def saved(self) -> float:
        return sum(_known(use.saved_seconds for use in self.uses))

    @property
    def most(self) -> float | None:
        """What the caches can save in one build, as the last one tells."""
        return self.uses[-1].most_seconds if self.uses else None

    @property
    def is_hopeless(self) -> bool:
        """Whether to export and import it once takes longer than all steps of the image together."""
        took = [_known(use.export_seconds for use in self.uses), _known(use.import_seconds for use in self.uses)]
        return self.most is not None and sum(seconds[-1] for seconds in took if seconds) > self.most

    @property
    def verdict(self) -> Verdict:
        """Judged by the builds that count: what was exported and imported in them, and what that saved."""
        if self.is_hopeless:
            return Verdict.LOSES
        tried = [use for use in self.uses if use.import_seconds is not None and use.saved_seconds is not None]
        if tried and self.saved >= self.exported + self.imported:
            return Verdict.PAYS
        return Verdict.LOSES if len(tried) >= ENOUGH else Verdict.OPEN

    def words(self, image: str) -> str:
        """What the caches took and saved, in one line, with the verdict."""
        count = len([use for use in self.uses if use.export_seconds is not None or use.import_seconds is not None])
        took = [(self.exported, "to export"), (self.imported, "to import")]
        spent = " and ".join(f"{human_seconds(seconds)} {what}" for seconds, what in took if seconds)
        begin = f"the cache {' '.join(self.entries)} of {image} took {spent or 'no time'}"
        within = f"in the last {count} builds" if count > 1 else "in one build"
        if self.is_hopeless:
            return f"{begin} {within} and can save {human_seconds(self.most or 0.0)} in each at most: it does not pay"
        end = {
            Verdict.PAYS: "it pays",
            Verdict.LOSES: "it does not pay",
            Verdict.OPEN: f"judged once it is known what it saved in {ENOUGH} builds",
        }
        return f"{begin} and saved {human_seconds(self.saved)} {within}: {end[self.verdict]}"

    def document(self) -> dict[str, Any]:
        """The account as plain data."""
        return {"entries": list(self.entries), "uses": [asdict(use) for use in self.uses]}


def read(plain: Any) -> Account:
    """An account from plain data; ValueError for anything else."""
    try:
        uses = tuple(Use(**{name: _seconds(value) for name, value in use.items()}) for use in plain["uses"])
        return Account(tuple(map(str, plain["entries"])), uses)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"no account of a cache: {error}") from error


def _seconds(value: Any) -> float | None:
    return None if value is None else float(value)


def _known(values: Iterable[float | None]) -> list[float]:
    return [value for value in values if value is not None]
