"""A proof as plain data, for JSON and captures. Pure."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from drydock.audit.finding import Finding
from drydock.proofs.proof import Proof
from drydock.proofs.variant import Made, Variant


def of(proof: Proof) -> dict[str, Any]:
    """The proof; raw sizes and times beside the words made of them."""
    return {
        "images": {name: _image(proof, name) for name in proof.before.images},
        "services": _services(proof.before, proof.after),
        "kept": [_finding(one) for one in proof.kept],
        "taken_back": [{**_finding(one), "reason": reason} for one, reason in proof.refused],
        "not_tried": [{**_finding(one), "reason": reason} for one, reason in proof.apart],
        "unestablished": list(proof.unestablished),
    }


def _image(proof: Proof, name: str) -> dict[str, Any]:
    times = {
        variant: {scenario: {"seconds": list(timed.seconds), "steps": timed.steps} for scenario, timed in held.items()}
        for variant, held in proof.times.get(name, {}).items()
    }
    return {
        "before": _made(proof.before.images[name]),
        "after": _made(proof.after.images[name]) if proof.kept else None,
        "expected": [{"what": one.words, "rule": one.announced} for one in proof.expected.get(name, ())],
        "times": times,
        "changes": [asdict(one) for one in (*proof.sized(name), *proof.timed(name))] if proof.kept else [],
    }


def _made(made: Made) -> dict[str, Any]:
    return {"builds": not made.trouble, "trouble": made.trouble, **made.weight}


def _services(before: Variant, after: Variant) -> Mapping[str, Any]:
    """What was seen of each service, before and after."""
    return {
        name: {"before": list(seen.shown), "after": list(after.seen[name].shown) if name in after.seen else []}
        for name, seen in before.seen.items()
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {"code": finding.code, "path": finding.path, "line": finding.line, "message": finding.message}
