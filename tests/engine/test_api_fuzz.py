"""The API of the image that ships, asked everything that its own document allows and forbids."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.specs.openapi.checks import positive_data_acceptance

from drydock import command, config
from tests import seeding

BACKEND = Path(__file__).resolve().parents[2] / "backend"
EXAMPLES = 15
SLOW = [HealthCheck.too_slow, HealthCheck.filter_too_much]

load_all_checks()
schema = schemathesis.openapi.from_path(BACKEND / "app" / "openapi.json")


@pytest.fixture(scope="module")
def address(docker: Any, unique: Callable[[str], str], tmp_path_factory: Any) -> Iterator[str]:
    """Where the image answers, over a ledger with builds and reports of every kind."""
    root = tmp_path_factory.mktemp("ledger")
    seeded = config.load(root, {})
    seeding.seed(seeded, images=3, builds=90)
    for path in (root, seeded.ledger.parent):
        path.chmod(0o755)
    tag, name = unique("drydock-test/backend-fuzz:t"), unique("drydock-test-fuzz")
    docker.build(BACKEND, "--tag", tag)
    hardened = ("--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges")
    volume = f"--volume={seeded.ledger.parent}:/data:ro"
    docker("run", "--detach", "--name", name, *hardened, volume, "-p127.0.0.1::5000", tag)
    try:
        docker("exec", name, "python", "-c", WAIT)
        yield f"http://{docker('port', name, '5000').split()[0]}"
        told = command.run(["docker", "logs", name], env=docker.found.environ)
        assert told.ok
        assert "Running on" in told.err, "Flask logs there, and so do errors"
        assert "Traceback" not in told.err
    finally:
        docker("rm", "--force", name)
        docker("image", "rm", "--force", tag)


WAIT = """
import socket, time
for _ in range(600):
    with socket.socket() as s:
        if s.connect_ex(("127.0.0.1", 5000)) == 0: break
    time.sleep(0.1)
else: raise SystemExit("nothing listens")
"""


@schema.parametrize()  # type: ignore[untyped-decorator]
@settings(max_examples=EXAMPLES, deadline=None, derandomize=True, database=None, suppress_health_check=SLOW)
def test_every_answer_is_as_the_document_promises(address: str, case: Any) -> None:
    answer = case.call(address, timeout=30)
    # What a cursor is stands in no schema: one that no answer held is refused however well it is formed.
    is_forged = answer.status_code == 400 and answer.json()["field"] == "cursor"
    excluded = [positive_data_acceptance] if is_forged else []
    case.validate_response(answer, checks=CHECKS.get_all(), excluded_checks=excluded)
