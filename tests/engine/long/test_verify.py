"""`inv verify` on a repository of which one image comes out otherwise each time."""

import json
from pathlib import Path

from tests.engine.own import Own
from tests.engine.test_verify import committed, pytestmark, root

__all__ = ["pytestmark", "root"]


def test_of_two_builds_from_nothing_each_file_that_differs_is_named(roomy: Own, root: Path) -> None:
    ended = roomy.run(root, "verify", "--service=same", "--service=other", "--json")
    assert ended.returncode == 1, ended.stderr
    told = json.loads(ended.stdout)
    found = {one["image"]: one for one in told["images"]}
    assert told["epoch"] == committed(root)
    assert (found["same"]["differences"], len(set(found["same"]["digests"]))) == ([], 1)
    (only,) = found["other"]["differences"]
    assert (only["path"], only["what"]) == ("when", ["content"])
    assert "date" in only["where"]
    assert not list(roomy.home.glob("bench-*")), "the engines of both builds are gone"
