"""What the steps of a workflow may do with its token, as far as their words tell. Pure."""

import re
from collections.abc import Iterable

from drydock.audit.workflowfile import WorkflowFile, WorkStep

HARMLESS = re.compile(
    r"actions/(checkout|cache|cache/restore|cache/save|upload-artifact|download-artifact|setup-[a-z]+)"
    r"|docker/(build-push|setup-buildx|setup-qemu|metadata|setup-docker|setup-compose)-action"
    r"|astral-sh/(setup-uv|ruff-action)|pnpm/action-setup|hadolint/hadolint-action"
)
GIT = re.compile(r"\bgit\b(?!-|\.)")
WRITES = re.compile(
    r"\b(git|gh|hub|curl|wget|release|publish|deploy|push|upload|twine|semantic-release|lerna|changeset)\b"
)
TOKEN = re.compile(r"GITHUB_TOKEN|github\.token|secrets\.")


def unknown(steps: Iterable[WorkStep]) -> str:
    """The first action that may do anything at all; "" where there is none."""
    return next((one.action for one in steps if one.action and not HARMLESS.fullmatch(one.action)), "")


def text(steps: Iterable[WorkStep]) -> str:
    """All that the steps run."""
    return "\n".join(one.run.text for one in steps if one.run is not None)


def is_harmless(file: WorkflowFile, steps: Iterable[WorkStep]) -> bool:
    """Whether nothing in these steps can be seen to write anywhere outside of the runner."""
    steps = tuple(steps)
    pushes = any(one.given(name) not in (None, "false") for one in steps for name in ("push", "outputs", "token"))
    hands_on = TOKEN.search(file.source.text) is not None  # to whatever the steps call
    return not hands_on and not unknown(steps) and not pushes and not WRITES.search(text(steps))
