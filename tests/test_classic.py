"""What needs BuildKit, and building without it."""

import os
from pathlib import Path
from typing import Any

import pytest

from drydock import dockerfile
from drydock.bases.bases import Base, Origin
from drydock.builds import classic
from drydock.builds.plan import Plan
from drydock.builds.told import Finished
from drydock.causes.veil import Veil
from drydock.config import Image
from drydock.errors import Misuse
from drydock.events import Event
from tests.test_oci import engine


def image(tmp_path: Path, **words: Any) -> Image:
    return Image("web", tmp_path, tmp_path / "Dockerfile", "web:local", **words)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("FROM a\nRUN --mount=type=cache,target=/c x\n", "Dockerfile:2: RUN with --mount"),
        ("FROM a\nRUN --network=none x\n", "Dockerfile:2: RUN with --network"),
        ("FROM a\nCOPY --link a b\n", "Dockerfile:2: COPY with --link"),
        ("FROM a\nADD --chmod=644 a b\n", "Dockerfile:2: ADD with --chmod"),
        ("FROM a\nRUN <<EOF\nx\nEOF\n", "Dockerfile:2: RUN with a here-document"),
    ],
)
def test_what_the_classic_builder_does_not_know_is_found(tmp_path: Path, text: str, reason: str) -> None:
    assert list(classic.needs(image(tmp_path), dockerfile.parse(text))) == [reason]


def test_what_it_knows_is_let_through(tmp_path: Path) -> None:
    text = "FROM a AS b\nCOPY --chown=1 a b\nFROM c\nCOPY --from=b a b\nHEALTHCHECK --interval=1s CMD x\n"
    assert list(classic.needs(image(tmp_path), dockerfile.parse(text))) == []


def test_a_stage_that_is_not_built_does_not_count(tmp_path: Path) -> None:
    text = "FROM a AS app\nRUN x\nFROM app AS test\nRUN --mount=type=cache,target=/c x\n"
    assert list(classic.needs(image(tmp_path, target="app"), dockerfile.parse(text))) == []


@pytest.mark.parametrize("words", [{"contexts": {"t": "/t"}}, {"secrets": {"s": "env=S"}}, {"ssh": ("default",)}])
def test_what_only_bake_can_hand_over_counts(tmp_path: Path, words: dict[str, Any]) -> None:
    assert len(list(classic.needs(image(tmp_path, **words), dockerfile.parse("FROM a\n")))) == 1


def test_the_refusal_is_one_line_that_names_the_first_place(tmp_path: Path) -> None:
    file = dockerfile.parse("FROM a\nCOPY --link a b\nRUN --mount=type=ssh x\n", "web/Dockerfile")
    one = image(tmp_path)
    with pytest.raises(Misuse, match=r"web/Dockerfile:2: COPY with --link, and 1 more") as caught:
        classic.refuse(Plan((one,), (one,), {"web": file}, {"web": ()}))
    assert caught.value.code == 2


def test_other_references_take_the_place_of_bases_and_nothing_else_changes(tmp_path: Path) -> None:
    text = "ARG V=3\nFROM python:$V AS python  # keep\nRUN echo python:3\nFROM node:20\nCOPY --from=python:3 /a /b\n"
    file = dockerfile.parse(
        "ARG V=3\nFROM python:$V AS p\nRUN echo python:3\nFROM node:20\nCOPY --from=python:3 /a /b\n"
    )
    assert text.startswith("ARG")
    assert classic.substituted(image(tmp_path), file, {"python:3": "stand/in:3"}) == (
        "ARG V=3\nFROM stand/in:3 AS p\nRUN echo python:3\nFROM node:20\nCOPY --from=stand/in:3 /a /b\n"
    )


SCRIPT = """\
#!/bin/sh
cat > "{folder}/stdin"
echo "$DOCKER_BUILDKIT $*" > "{folder}/asked"
cat <<'END'
Sending build context to Docker daemon  3.5kB
Step 1/4 : FROM stand/in:3
 ---> 4a95e4833d8f
Step 2/4 : COPY . .
 ---> Using cache
 ---> 70add83ebd2e
Step 3/4 : ENV A=1
 ---> Running in fd46438a6888
Step 4/4 : RUN make
 ---> Running in fd46438a6888
some words
END
exit {code}
"""


@pytest.mark.parametrize("code", [0, 1])
def test_its_output_is_read_as_steps(tmp_path: Path, code: int) -> None:
    docker = tmp_path / "docker"
    docker.write_text(SCRIPT.format(folder=tmp_path, code=code))
    docker.chmod(0o755)
    environ = {"PATH": f"{tmp_path}{os.pathsep}{os.environ['PATH']}"}
    one = image(tmp_path, args={"A": "1"}, target="app")
    file = dockerfile.parse("FROM python:3 AS app\nCOPY . .\nENV A=1\nRUN make\n", "web/Dockerfile")
    base = Base("python:3", "stand/in:3", Origin.STANDIN, "sha256:d")
    told: list[Event] = []
    made = Plan((one,), (one,), {"web": file}, {"web": (base,)})
    built, trouble = classic.build(engine(environ), made, one, ("HTTP_PROXY",), told.append, Veil())
    assert [(step.instruction, step.line, step.stage, step.cached) for step in built.steps] == [
        ("COPY . .", 2, "app", True),
        ("RUN make", 4, "app", False),
    ]
    assert (built.done, built.context_bytes) == (code == 0, 3500)
    assert (tmp_path / "stdin").read_text().startswith("FROM stand/in:3 AS app\n")
    assert (tmp_path / "asked").read_text() == (
        f"0 build --file=- --force-rm --tag=web:local --target=app --build-arg=A=1 --build-arg=HTTP_PROXY {tmp_path}\n"
    )
    assert len([event for event in told if isinstance(event, Finished)]) == 4
    if code:
        assert trouble is not None
        assert "web/Dockerfile:4: RUN make" in trouble.text
        assert trouble.lines[-1] == "some words"
        assert [step.log and step.log.splitlines()[-1] for step in built.steps] == [None, "some words"]
    else:
        assert trouble is None


def test_a_builder_that_ends_before_it_read_the_dockerfile_says_why(tmp_path: Path, docker: Any) -> None:
    docker.says("build", out="no such context\n", code=1)
    one, file = image(tmp_path), dockerfile.parse("FROM python:3\n" + "# more than a pipe holds\n" * 10_000)
    built, trouble = classic.build(
        engine(docker.environ), Plan((one,), (one,), {"web": file}, {"web": ()}), one, (), print, Veil()
    )
    assert not built.done
    assert trouble is not None
    assert "no such context" in trouble.text


def test_a_value_that_looks_secret_stays_hidden_whatever_the_builder_prints(tmp_path: Path, docker: Any) -> None:
    docker.says("build", out="Step 1/2 : FROM python:3\nStep 2/2 : RUN make\n--key=hunter2x\n", code=1)
    one, file = image(tmp_path), dockerfile.parse("FROM python:3\nRUN make\n")
    told: list[Event] = []
    plan, veil = Plan((one,), (one,), {"web": file}, {"web": ()}), Veil({"hunter2x": "KEY"})
    built, trouble = classic.build(engine(docker.environ), plan, one, (), told.append, veil)
    assert trouble is not None
    assert "hunter2x" not in f"{told}{built}{trouble}"
    assert "--key=$KEY" in trouble.lines
