"""What `drydock verify` says of two builds, and the command that its capture names."""

import pytest

from drydock.commands import verify
from drydock.commands.verify import Report, Verified
from drydock.verification.difference import Difference


@pytest.mark.parametrize(
    ("services", "line"),
    [
        pytest.param([], "inv verify --save kept", id="all services"),
        pytest.param(["a", "b"], "inv verify --service a --service b --save kept", id="those that were named"),
    ],
)
def test_the_line_of_a_capture_verifies_the_same_again(services: list[str], line: str) -> None:
    assert verify.line(services, "kept") == line


@pytest.mark.parametrize(
    ("many", "last"),
    [
        pytest.param(20, "    f19: content", id="as many as are listed"),
        pytest.param(21, "  and 1 more; inv verify --json gives all", id="one more"),
    ],
)
def test_a_long_list_of_differences_ends_with_how_many_are_left(many: int, last: str) -> None:
    found = tuple(Difference("RUN date", f"f{number}", ("content",)) for number in range(many))
    lines = Report(0, (Verified("app", "linux/amd64", ("sha256:1", "sha256:2"), 1, found),)).text().splitlines()
    assert lines[:2] == [f"app: {many} differences between sha256:1 and sha256:2", "  RUN date"]
    assert lines[-1] == last
