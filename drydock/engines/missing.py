"""Why there is no engine to use: the cause decides what can be done about it."""

import sys
from enum import Enum

from drydock.errors import NotReady

DESKTOP = {  # by sys.platform: an engine needs a machine of its own there, which we neither install nor start
    "darwin": "start Docker Desktop (brew install --cask docker-desktop), "
    "or colima start (brew install colima docker docker-buildx docker-compose)",
    "win32": "start Docker Desktop (winget install Docker.DockerDesktop)",
}
MEND = DESKTOP.get(sys.platform, "inv doctor --fix")
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
    CONFIG = "config.json"
    LATE = "late"


class NoEngine(NotReady):
    """No engine that can be used, and why: `cause` decides what can be done about it."""

    def __init__(self, cause: Cause, message: str, *, remedy: str) -> None:
        super().__init__(message, remedy=remedy)
        self.cause = cause
