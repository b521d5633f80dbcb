"""What the client tools print, read as abilities."""

import json

import pytest

from drydock.engines import probe


def info(driver: str, status: list[list[str]]) -> str:
    return json.dumps({"Driver": driver, "DriverStatus": status, "ClientInfo": {"Plugins": None}})


@pytest.mark.parametrize(
    ("driver", "status", "store"),
    [
        ("overlay2", [["Backing Filesystem", "extfs"]], "overlay2"),
        ("overlayfs", [["driver-type", "io.containerd.snapshotter.v1"]], "containerd"),
        ("vfs", [], "vfs"),
    ],
)
def test_the_image_store_is_told_from_driver_and_status(driver: str, status: list[list[str]], store: str) -> None:
    assert probe.read("{}", info(driver, status), "").store == store


@pytest.mark.parametrize(
    ("version", "release"),
    [
        ("v0.13.1", (0, 13)),
        ("2.26.1-4", (2, 26)),
        ("26.1.5+dfsg1", (26, 1)),
        ("v2.27.0-desktop.2", (2, 27)),
        ("dev", (9999, 0)),
    ],
)
def test_versions_are_read_as_they_are_printed(version: str, release: tuple[int, int]) -> None:
    assert probe.release(version) == release


def test_tools_that_say_nothing_leave_empty_abilities() -> None:
    seen = probe.read("", "Cannot connect", "ERROR: no builder")
    assert (seen.version, seen.buildx, seen.compose, seen.driver, seen.platforms) == ("", "", "", "", ())
