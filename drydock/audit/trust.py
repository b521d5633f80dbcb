"""What the steps of a workflow may do with its token, as far as their words tell. Pure."""

import re
from collections.abc import Iterable

from drydock.audit.workflowfile import WorkStep

HARMLESS = re.compile(
    r"actions/(checkout|cache|cache/restore|cache/save|upload-artifact|download-artifact|setup-[a-z]+)"
    r"|docker/(build-push|setup-buildx|setup-qemu|metadata|setup-docker|setup-compose)-action"
    r"|astral-sh/(setup-uv|ruff-action)|pnpm/action-setup|hadolint/hadolint-action"
)
GIT = re.compile(r"\bgit\b(?!-|\.)")
WRITES = re.compile(
    r"\b(git|gh|hub|curl|wget|release|publish|deploy|push|upload|twine|semantic-release|lerna|changeset|GITHUB_TOKEN)\b"
    r"|github\.token|secrets\."
)
OWN = re.compile(
    r"^\s*(\./|(ba|da)?sh\s|make\b|just\b|task\b|nox\b|tox\b|inv\b|(npm|yarn|pnpm)\s+run\b|python3?\s)", re.M
)


def unknown(steps: Iterable[WorkStep]) -> str:
    """The first action that may do anything at all; "" where there is none."""
    return next((one.action for one in steps if one.action and not HARMLESS.fullmatch(one.action)), "")


def text(steps: Iterable[WorkStep]) -> str:
    """All that the steps run."""
    return "\n".join(one.run.text for one in steps if one.run is not None)


def is_harmless(steps: Iterable[WorkStep]) -> bool:
    """Whether nothing in these steps can be seen to write anywhere outside of the runner."""
    steps = tuple(steps)
    pushes = any(one.given(name) not in (None, "false") for one in steps for name in ("push", "outputs", "token"))
    return not unknown(steps) and not pushes and not WRITES.search(text(steps))
