"""One run of bake through a docker that streams what BuildKit would."""

import json
import os
from pathlib import Path
from typing import Any

from drydock.builds import baking, buildx
from drydock.builds.told import Finished, Snapshot
from drydock.causes.veil import Veil
from drydock.events import Event, Note
from tests.test_oci import engine
from tests.test_progress import vertex

TARGETS = {"web": "web", "api_x": "api.x"}
SCRIPT = """\
#!/bin/sh
cat > "{folder}/stdin"
for word in "$@"; do case $word in --metadata-file=*) cat "{folder}/metadata" > "${{word#*=}}";; esac; done
cat "{folder}/stream" >&2
exit {code}
"""


def docker(folder: Path, stream: str, metadata: Any, code: int = 0) -> dict[str, str]:
    (folder / "stream").write_text(stream)
    (folder / "metadata").write_text(json.dumps(metadata))
    program = folder / "docker"
    program.write_text(SCRIPT.format(folder=folder, code=code))
    program.chmod(0o755)
    return {"PATH": f"{folder}{os.pathsep}{os.environ['PATH']}"}


def run(folder: Path, environ: dict[str, str], told: list[Event]) -> baking.Run:
    return baking.run(engine(environ), folder, {"target": {}}, buildx.Options(), TARGETS, {}, told.append, Veil())


def test_progress_comes_as_it_happens_and_digests_at_the_end(tmp_path: Path) -> None:
    events = [
        vertex("1", "[web 1/1] COPY . .", 1),
        vertex("1", "[web 1/1] COPY . .", 1, 2),
        {"warnings": [{"short": "aGk="}]},
    ]
    stream = "\n".join(json.dumps(event, indent=2) for event in events) + "\nWARN[0000] a plain line\n"
    metadata = {"web": {"containerimage.digest": "sha256:w"}, "api_x": {}}
    told: list[Event] = []
    baked = run(tmp_path, docker(tmp_path, stream, metadata), told)
    assert (baked.code, baked.words, baked.digests) == (0, ("WARN[0000] a plain line",), {"web": "sha256:w"})
    assert [step.instruction for step, _ in baked.progress.steps("web")] == ["COPY . ."]
    assert len([event for event in told if isinstance(event, Finished)]) == 1
    assert Note("hi", warning=True) in told
    assert isinstance(told[-1], Snapshot)
    assert json.loads((tmp_path / "stdin").read_text()) == {"target": {}}


def test_a_failed_bake_leaves_its_code_and_last_lines(tmp_path: Path) -> None:
    stream = "".join(f"line {number}\n" for number in range(200)) + "ERROR: no"
    baked = run(tmp_path, docker(tmp_path, stream, {}, code=1), [])
    assert (baked.code, baked.words[-1], len(baked.words)) == (1, "ERROR: no", 60)
    assert baked.digests == {}


def test_a_bake_that_ends_before_it_reads_is_a_failed_bake(tmp_path: Path) -> None:
    environ = docker(tmp_path, "", {})
    (tmp_path / "docker").write_text("#!/bin/sh\nexec <&-\necho 'unknown flag' >&2\nexit 125\n")
    document = {"target": {"web": "x" * 1_000_000}}
    baked = baking.run(engine(environ), tmp_path, document, buildx.Options(), TARGETS, {}, lambda _: None, Veil())
    assert (baked.code, baked.words) == (125, ("unknown flag",))
