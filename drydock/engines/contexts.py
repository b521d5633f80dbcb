"""The Docker context that lets plain docker and docker compose reach the private engine."""

from drydock import command
from drydock.config import Config
from drydock.engines import place
from drydock.engines.docker_config import context_host, settings

NAME = "drydock"


def publish(config: Config) -> None:
    """Create or update the context; nothing happens where it is right already, or where there is no client."""
    address = place.address(config)
    known = context_host(config.environ, NAME)
    if known == address or command.find("docker", config.environ) is None:
        return
    verb = "create" if known is None else "update"
    words = ["--description", "Drydock's private engine", "--docker", f"host={address}"]
    command.run(["docker", "context", verb, NAME, *words], env=config.environ, timeout=20, changes=True)


def way(config: Config) -> str:
    """What to type so that plain docker reaches the private engine; empty where it does already."""
    chosen = config.environ.get("DOCKER_CONTEXT") or settings(config.environ).get("currentContext")
    published = context_host(config.environ, NAME) == place.address(config)
    if config.environ.get("DOCKER_HOST") == place.address(config) or (published and chosen == NAME):
        return ""
    ways = [f"docker context use {NAME}"] if published else []
    return ", or ".join([*ways, 'in this shell: eval "$(inv engine --env)"'])


def withdraw(config: Config) -> None:
    """Remove the context, if it is this engine's; where it is the current one, Docker's default becomes current."""
    if context_host(config.environ, NAME) != place.address(config):
        return
    if command.find("docker", config.environ) is not None:
        command.run(["docker", "context", "rm", "--force", NAME], env=config.environ, timeout=20, changes=True)
