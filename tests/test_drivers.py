"""What builders can do, by driver and image store."""

import pytest

from drydock.engines import drivers


@pytest.mark.parametrize(
    ("driver", "store", "exported", "imported"),
    [
        pytest.param("docker", "overlay2", "inline", "local registry", id="the engine, as it comes"),
        pytest.param("docker", "zfs", "inline", "local registry", id="any other storage driver"),
        pytest.param("docker", "containerd", "inline local registry gha", "local registry gha", id="containerd store"),
        *(
            pytest.param(
                driver,
                "overlay2",
                "inline local registry gha s3 azblob",
                "local registry gha s3 azblob",
                id=f"{driver}, whatever the engine here",
            )
            for driver in ("docker-container", "remote", "kubernetes")
        ),
    ],
)
def test_which_caches_a_builder_exports_and_imports(driver: str, store: str, exported: str, imported: str) -> None:
    assert drivers.exporters(driver, store) == tuple(exported.split())
    assert drivers.importers(driver, store) == tuple(imported.split())
    assert drivers.roomy(driver, store) is (exported != "inline")
