"""What a container is started with: the image's configuration and the compose file's, taken together. Pure."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from drydock.services.model import plain
from drydock.values import dataclass

HEALTH = ("Test", "Interval", "Timeout", "StartPeriod", "Retries")
ENVIRONMENT = "environment "

Settings = Mapping[str, str]


@dataclass(frozen=True)
class Difference:
    """Something that is another than before: `name` says what, `announced` by which rule it was to be expected.

    Values of environment variables are never told, since they may be secrets.
    """

    name: str
    before: str
    after: str
    announced: str = ""

    @property
    def words(self) -> str:
        """The difference as people read it."""
        if self.name.startswith(ENVIRONMENT):
            change = "is new" if not self.before else "is gone" if not self.after else "is another"
            return f"{self.name} {change}"
        return f"{self.name}: {self.before or 'nothing'} -> {self.after or 'nothing'}"


def of(image: Mapping[str, Any], service: Mapping[str, Any]) -> Settings:
    """The settings of a container, from `Config` of its image and its service in a resolved compose model ({}: none).

    What the service says replaces what the image says; an entrypoint of the service empties the command as well.
    """
    command, entrypoint = image.get("Cmd"), image.get("Entrypoint")
    if service.get("entrypoint") is not None:
        command, entrypoint = None, _words(service["entrypoint"])
    if service.get("command") is not None:
        command = _words(service["command"])
    found = {
        "command": _shown(command),
        "entrypoint": _shown(entrypoint),
        "user": plain(service.get("user") or image.get("User") or ""),
        "work directory": plain(service.get("working_dir") or image.get("WorkingDir") or ""),
        "stop signal": plain(service.get("stop_signal") or image.get("StopSignal") or ""),
        "health check": _shown(service.get("healthcheck") or _health(image.get("Healthcheck"))),
    }
    found |= {f"{ENVIRONMENT}{name}": f"={value}" for name, value in _environment(image, service)}
    found |= dict.fromkeys((f"port {one}" for one in _ports(image, service)), "declared")
    found |= {f"published port {name}": value for name, value in _published(service)}
    found |= {f"volume {name}": value for name, value in _volumes(image, service)}
    return {name: value for name, value in found.items() if value}


def differences(before: Settings, after: Settings) -> tuple[Difference, ...]:
    """What differs, sorted by name."""
    names = sorted({**before, **after})
    pairs = ((name, before.get(name, ""), after.get(name, "")) for name in names)
    return tuple(Difference(name, old, new) for name, old, new in pairs if old != new)


def named(found: Iterable[Difference], announced: Mapping[str, str]) -> tuple[Difference, ...]:
    """The differences with the rule that announced each, by the name of the difference."""
    return tuple(replace(one, announced=announced.get(one.name, "")) for one in found)


def _environment(image: Mapping[str, Any], service: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    own = dict(entry.partition("=")[::2] for entry in image.get("Env") or ())
    given = {name: plain(value) for name, value in (service.get("environment") or {}).items() if value is not None}
    yield from {**own, **given}.items()


def _ports(image: Mapping[str, Any], service: Mapping[str, Any]) -> Iterator[str]:
    yield from image.get("ExposedPorts") or {}
    for one in service.get("expose") or ():
        yield one if "/" in (text := plain(one)) else f"{text}/tcp"
    for port in service.get("ports") or ():
        yield f"{port['target']}/{port.get('protocol') or 'tcp'}"


def _published(service: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    for port in service.get("ports") or ():
        yield f"{port['target']}/{port.get('protocol') or 'tcp'}", f"{port.get('host_ip', '')}:{port.get('published')}"


def _volumes(image: Mapping[str, Any], service: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield from dict.fromkeys(image.get("Volumes") or {}, "declared").items()
    for volume in service.get("volumes") or ():
        yield str(volume["target"]), f"{volume.get('type')}{' read only' if volume.get('read_only') else ''}"


def _health(check: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    kept = {name: check[name] for name in HEALTH if check.get(name)} if check else None
    return kept or None


def _words(value: Any) -> list[str]:
    return [plain(one) for one in value] if isinstance(value, list) else [plain(value)]


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True) if value else ""
