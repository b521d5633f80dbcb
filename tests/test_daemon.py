"""The private engine's place, settings, network and log, as values."""

from pathlib import Path
from typing import Any

import pytest

from drydock import config, files
from drydock.config import Config
from drydock.engines import bridge, daemon_settings, firewall, leftovers, place
from drydock.errors import Misuse

ROUTES = """\
Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t010200C0\t0003\t0\t0\t0\t00000000\t0\t0\t0
docker0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0
"""


def home(tmp_path: Path, folder: str) -> Config:
    return config.load(tmp_path, {"DRYDOCK_HOME": folder})


def settings(wanted: Any = None, machine: dict[str, Any] | None = None, own: str | None = None) -> dict[str, Any]:
    return daemon_settings.compose(wanted or {}, machine or {}, group=0, bridge=own)


def test_everything_lives_below_the_home(tmp_path: Path) -> None:
    here = place.of(home(tmp_path, "/h"))
    assert here.folder == here.run == Path("/h/engine")
    assert place.address(home(tmp_path, "/h")) == "unix:///h/engine/docker.sock"


def test_a_home_too_deep_for_a_socket_gets_a_short_place_for_it(tmp_path: Path) -> None:
    deep = "/home/" + "deep/" * 20
    here = place.of(home(tmp_path, deep))
    assert here.folder == Path(deep, "engine")
    assert len(str(here.run) + place.LONGEST_SOCKET) <= place.SOCKET_LIMIT
    assert place.of(home(tmp_path, deep + "/other")).run != here.run


def test_the_cache_is_limited_unless_told_otherwise() -> None:
    assert settings()["builder"] == {"gc": {"enabled": True, "defaultKeepStorage": "10GB"}}
    assert settings({"cgroup_parent": "/untrusted"})["cgroup-parent"] == "/untrusted"
    assert settings({"cache_limit": "512 MB"})["builder"]["gc"]["defaultKeepStorage"] == "512MB"


@pytest.mark.parametrize("wanted", [{"cache_limit": "plenty"}, {"store": "zfs"}], ids=["limit", "store"])
def test_settings_that_mean_nothing_are_refused(wanted: dict[str, str]) -> None:
    with pytest.raises(Misuse):
        settings(wanted)


def test_the_containerd_store_is_a_choice() -> None:
    assert settings({"store": "containerd"})["features"] == {"containerd-snapshotter": True}
    assert "features" not in settings()


def test_mirrors_of_the_machines_own_engine_are_taken_over_and_its_addresses_are_not() -> None:
    machine = {"registry-mirrors": ["http://mirror.invalid"], "hosts": ["tcp://0.0.0.0:2375"], "data-root": "/x"}
    told = settings({}, machine)
    assert told["registry-mirrors"] == ["http://mirror.invalid"]
    assert not {"hosts", "data-root"} & set(told)


def test_the_bridge_is_named_after_the_place_and_fits_the_kernels_limit() -> None:
    names = {bridge.name(Path("/a/engine")), bridge.name(Path("/b/engine"))}
    assert len(names) == 2
    assert all(len(name) <= 15 for name in names)


def test_the_network_of_the_bridge_touches_no_other() -> None:
    assert bridge.free_address(ROUTES) == "10.213.0.1/24"
    taken = ROUTES + "br0\t0000D50A\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n"  # 10.213.0.0/16
    assert bridge.free_address(taken) == "172.31.0.1/24"


def test_only_the_rules_of_the_own_bridge_are_undone() -> None:
    rules = "-P FORWARD DROP\n-A FORWARD -o docker0 -j DOCKER\n-A FORWARD -i drydock1 ! -o drydock1 -j ACCEPT\n"
    assert firewall.undoing(rules, "drydock1") == [
        ["-D", "FORWARD", "-i", "drydock1", "!", "-o", "drydock1", "-j", "ACCEPT"]
    ]


BEFORE = """\
-N DOCKER
-A FORWARD -o docker0 -j DOCKER
-A DOCKER -i docker0 -j RETURN
-A DOCKER ! -i docker0 -p tcp --dport 80 -j DNAT --to-destination 172.17.0.2:80
-A DOCKER -i br-mine -j RETURN
-A DOCKER -i drydock1 -j RETURN
-A DOCKER-ISOLATION-STAGE-1 -i docker0 -j DOCKER-ISOLATION-STAGE-2
-A DOCKER-ISOLATION-STAGE-1 -j RETURN
"""


def test_what_another_engine_had_in_the_shared_chains_comes_back_in_its_order_and_above_the_rest() -> None:
    now = "-A DOCKER -i drydock1 -j RETURN\n-A DOCKER-ISOLATION-STAGE-1 -j RETURN\n"
    words = [" ".join(one) for one in firewall.restoring(BEFORE, now, {"drydock1", "br-mine"})]
    assert words == [
        "-I DOCKER-ISOLATION-STAGE-1 -i docker0 -j DOCKER-ISOLATION-STAGE-2",
        "-I DOCKER ! -i docker0 -p tcp --dport 80 -j DNAT --to-destination 172.17.0.2:80",
        "-I DOCKER -i docker0 -j RETURN",
    ]


@pytest.mark.skipif(not Path(firewall.NETWORK).exists(), reason="only Linux names its networks")
def test_who_changes_the_network_of_a_machine_is_alone_with_it() -> None:
    with Path(firewall.NETWORK).open() as network:
        with firewall.alone():
            assert not files.lock(network.fileno(), wait=False)
        assert files.lock(network.fileno(), wait=False)


def test_where_nothing_is_gone_nothing_comes_back() -> None:
    assert firewall.restoring(BEFORE, BEFORE, set()) == []
    assert firewall.restoring("", BEFORE, set()) == []


def test_mounts_are_taken_down_from_the_last_to_the_first_and_only_below_the_folder() -> None:
    line = "1 2 0:1 / {} rw - ext4 /dev/x rw\n"
    points = ["/h/engine/data", "/h/engine/data/a\\040b", "/h/engine2", "/h"]
    assert leftovers.mounts_below("".join(line.format(point) for point in points), "/h/engine") == [
        "/h/engine/data/a b",
        "/h/engine/data",
    ]


LOG = """\
time="2026-01-01T00:00:00Z" level=error msg="of an earlier life"
time="2026-01-01T00:00:01Z" level=info msg="Starting up"
time="2026-01-01T00:00:02Z" level=warning msg="not so bad"
time="2026-01-01T00:00:03Z" level=info msg=serving... address=/x
"""


def test_without_errors_the_last_words_are_the_last_lines() -> None:
    assert daemon_settings.words(LOG.splitlines(), 4) == "not so bad · serving..."


def test_errors_and_lines_of_a_crash_come_before_the_ordinary_ones() -> None:
    grave = 'time="x" level=error msg="layer \\"a\\" lost" error="no space left"\nfailed to start daemon: boom\n'
    assert daemon_settings.words((LOG + grave).splitlines(), 4) == (
        'layer "a" lost: no space left · failed to start daemon: boom'
    )
