"""Why there is no engine to use: the cause decides what can be done about it."""

from enum import Enum

from drydock.errors import NotReady

MEND = "inv doctor --fix"
START = "inv engine --start"


class Cause(Enum):
    """What is missing."""

    CLIENT = "client"
    DAEMON = "daemon"
    STOPPED = "stopped"
    PERMISSION = "permission"
    BUILDX = "buildx"
    COMPOSE = "compose"
    ENGINE = "engine"
    SETTINGS = "settings"


class NoEngine(NotReady):
    """No engine that can be used, and why: `cause` decides what can be done about it."""

    def __init__(self, cause: Cause, message: str, *, remedy: str) -> None:
        super().__init__(message, remedy=remedy)
        self.cause = cause
