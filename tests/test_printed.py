"""What is kept of the output of a failed step."""

import pytest

from drydock.builds import printed
from drydock.builds.progress import Progress
from drydock.causes import veil
from tests.test_progress import TWO, log, vertex

VEIL = veil.over([("TOKEN", "hunter22-long")])


@pytest.mark.parametrize(
    ("output", "kept"),
    [
        pytest.param("one\ntwo\n", "one\ntwo", id="lines"),
        pytest.param("\n \n", None, id="nothing but blanks"),
        pytest.param("\x1b[31;1mred\x1b[0m \x1b]0;title\x07plain", "red plain", id="colours and titles"),
        pytest.param("10 %\r20 %\r\ndone\x07", "10 %\n20 %\ndone", id="a bar that is drawn over itself"),
        pytest.param("hunter\x1b[0m22-long", "$TOKEN", id="a secret with a colour in it"),
        pytest.param("\ud800 é", "? é", id="half a character"),
    ],
)
def test_a_log_is_plain_text(output: str, kept: str | None) -> None:
    assert printed.kept(output, VEIL) == kept


@pytest.mark.parametrize(
    ("output", "size"),
    [
        pytest.param("x" * 99 + "\n", printed.MOST_BYTES - 1, id="short lines, none cut"),
        pytest.param("é" * 50_000, printed.MOST_BYTES, id="one long line"),
        pytest.param("aé" * 50_000, printed.MOST_BYTES - 1, id="one long line, cut within a character"),
    ],
)
def test_a_log_is_bounded_in_bytes_and_ends_with_the_last(output: str, size: int) -> None:
    whole = (output * 400)[:100_000]
    found = printed.kept(whole, VEIL)
    assert found is not None
    assert len(found.encode()) == size
    assert whole.rstrip().endswith(found)


def test_the_step_that_failed_has_its_log_and_no_other() -> None:
    progress = Progress(TWO, VEIL)
    events = [
        vertex("1", "[web builder 2/4] RUN one", 0, 1),
        log("1", "fine\n"),
        vertex("2", "[web builder 3/4] RUN two hunter22-long", 1),
        log("2", "".join(f"line {i} hunter22-long\n" for i in range(50))),
        vertex("3", "[web other 2/2] RUN three", 1),
        vertex("2", "[web builder 3/4] RUN two hunter22-long", 1, 3, error="exit code: 3 hunter22-long"),
        vertex("3", "[web other 2/2] RUN three", 1, 4, error="context canceled"),
    ]
    for event in events:
        list(progress.absorb(event))
    logs = {step.instruction: step.log for step, _ in progress.steps("web")}
    assert logs == {
        "RUN one": None,
        "RUN two $TOKEN": "\n".join(f"line {i} $TOKEN" for i in range(50)),
        "RUN three": None,
    }
