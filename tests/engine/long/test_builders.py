"""A BuildKit that stands alone, as the remote driver reaches one."""

from pathlib import Path

from tests.engine.elsewhere import buildkit
from tests.engine.own import Own
from tests.engine.test_builders import held, pytestmark, recorded, root, verdict

__all__ = ["pytestmark", "root"]


def test_a_buildkit_that_stands_alone_builds_on_a_stand_in_that_is_sent_along(
    plain: Own, roomy: Own, root: Path, tmp_path: Path
) -> None:
    with buildkit(roomy.environ["DOCKER_HOST"]) as address:
        plain.docker("buildx", "create", "--name=alone", "--driver=remote", address)
        kept = tmp_path / "kept"
        entry = f"type=local,dest={kept},mode=max,compression=uncompressed"  # to compress the base takes longest of all
        built = plain.build(root, "--builder=alone", f"--cache-to={entry}")
        assert [step["cached"] for step in built["steps"]] == [False] * 3
        assert (kept / "index.json").exists()
        assert held(plain)
        assert not held(roomy)
        assert recorded(root)[0][0].endswith(", builder alone (remote)")
        found, _ = verdict(plain, root, BUILDX_BUILDER="alone")
        assert (found["state"], found["seen"][:15]) == ("ok", "alone (remote),")
        assert "exports caches inline, local, registry, gha, s3, azblob" in found["seen"]
        (root / "source").write_text("two\n")
        again = plain.build(root, BUILDX_BUILDER="alone")
        assert [step["instruction"] for step in again["steps"] if not step["cached"]] == ["COPY source /source"]
    assert f"alone (remote) does not answer at {address}" in plain.fails(root, 3, "--builder=alone")
    found, _ = verdict(plain, root, BUILDX_BUILDER="alone")
    assert (found["state"], bool(found["remedy"])) == ("fail", True)
