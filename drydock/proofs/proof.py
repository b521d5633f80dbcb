"""A proof: what was seen before and after the fixes, which of them stay, and why the others do not. Pure."""

from collections.abc import Mapping
from dataclasses import field

from drydock.audit.finding import Finding
from drydock.proofs import gains
from drydock.proofs.gains import Change, Times
from drydock.proofs.settings import Difference
from drydock.proofs.variant import AFTER, BEFORE, Variant
from drydock.values import dataclass


@dataclass(frozen=True)
class Proof:
    """What came of it. `kept` are the findings whose fixes stay, `refused` those that were taken back, with the reason.

    `apart` are findings whose fixes no build here can show, with the reason. `contents` are the files as the kept
    fixes leave them, by path. `expected` are the differences that the kept fixes announce, by image. `times` are by
    image and variant.
    """

    before: Variant
    after: Variant
    kept: tuple[Finding, ...] = ()
    refused: tuple[tuple[Finding, str], ...] = ()
    apart: tuple[tuple[Finding, str], ...] = ()
    contents: Mapping[str, bytes] = field(default_factory=dict)
    expected: Mapping[str, tuple[Difference, ...]] = field(default_factory=dict)
    times: Mapping[str, Mapping[str, Times]] = field(default_factory=dict)
    unestablished: tuple[str, ...] = ()

    def sized(self, name: str) -> tuple[Change, ...]:
        """The sizes of an image before and after; none where it does not build."""
        was, now = self.before.images[name], self.after.images[name]
        return () if was.trouble or now.trouble else gains.sizes(was.weight, now.weight)

    def timed(self, name: str) -> tuple[Change, ...]:
        """Seconds and steps of the scenarios of an image before and after."""
        timed = self.times.get(name, {})
        return gains.times(timed.get(BEFORE, {}), timed.get(AFTER, {}))
