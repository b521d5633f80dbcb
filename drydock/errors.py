"""Expected failures: what happened, the remedy, and the exit code."""

STARTED_AS = "DRYDOCK_STARTED_AS"  # how the user starts a task, where that is not `inv`; set by what was started


class Problem(Exception):
    """A failure the user can mend.

    `message` is one line that says what happened; `remedy` is the command or edit that mends it;
    `code` is the exit code of the process, shown in docs/architecture.md.
    """

    code = 2

    def __init__(self, message: str, *, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy


class Shortfall(Problem):
    """The repository falls short: a finding, a budget, a drift, a probe."""

    code = 1


class Misuse(Problem):
    """Wrong use or wrong configuration."""

    code = 2


class NotReady(Problem):
    """The machine is not ready: no engine, no BuildKit, no base image, a port held, a folder that cannot be written."""

    code = 3


class Failed(Problem):
    """A build or a container failed."""

    code = 4


INTERRUPTED = 130
