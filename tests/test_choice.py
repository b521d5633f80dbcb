"""Which services `--service` means, and what is said of one that is not there."""

import pytest

from drydock.errors import Misuse
from drydock.services import choice

NAMES = ("backend", "frontend")


def test_none_named_means_all_else_only_those_that_are() -> None:
    assert choice.chosen(NAMES, (), "size") == {*NAMES}
    assert choice.chosen(NAMES, ("frontend",), "size") == {"frontend"}


@pytest.mark.parametrize(
    ("known", "message", "remedy"),
    [
        pytest.param(NAMES, "there are backend, frontend", "inv size --service backend", id="the nearest of several"),
        pytest.param(("web",), "there is web", "inv size --service web", id="the only one, however far"),
        pytest.param((), "there is none", "inv size", id="none at all"),
    ],
)
def test_one_that_is_not_there_is_named_with_those_that_are(known: tuple[str, ...], message: str, remedy: str) -> None:
    with pytest.raises(Misuse) as caught:
        choice.chosen(known, ("bakend",), "size")
    assert caught.value.message == f"no service that is built here is called bakend: {message}"
    assert caught.value.remedy == remedy
