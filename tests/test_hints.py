"""Cache hints: taken where the builder and the workflow can, left out with a reason where not."""

import pytest

from drydock.builds import caches
from drydock.builds.hints import Doubt, read
from drydock.errors import Misuse


def able(*kinds: str) -> Doubt:
    return lambda entry: caches.unable(entry, kinds, "export")


ROOMY = able("inline", "local", "registry", "gha")


def test_without_variables_there_are_no_hints() -> None:
    hints = read({}, {}, ROOMY, ROOMY)
    assert (hints.imports, hints.exports, hints.left_out) == ((), (), ())


def test_entries_are_parted_by_blanks_and_kept_as_they_are() -> None:
    environ = {
        "DRYDOCK_CACHE_FROM": "type=local,src=a  user/app:cache",
        "DRYDOCK_CACHE_TO": "type=local,dest=a,mode=max",
    }
    hints = read(environ, {}, ROOMY, ROOMY)
    assert hints.imports == ("type=local,src=a", "user/app:cache")
    assert hints.exports == ("type=local,dest=a,mode=max,ignore-error=true",)
    assert hints.left_out == ()


@pytest.mark.parametrize(
    ("doubt", "token", "reason"),
    [
        pytest.param(
            able("inline"), "t", "this builder exports no gha cache, only inline", id="the engine's own builder"
        ),
        pytest.param(ROOMY, "", "ACTIONS_RUNTIME_TOKEN is not set", id="outside a workflow"),
    ],
)
def test_a_workflows_cache_is_left_out_where_it_cannot_be_had(doubt: Doubt, token: str, reason: str) -> None:
    hints = read({"DRYDOCK_CACHE_TO": "mode=max,type=gha", "ACTIONS_RUNTIME_TOKEN": token}, {}, ROOMY, doubt)
    assert hints.exports == ()
    assert hints.left_out == (f"DRYDOCK_CACHE_TO leaves out mode=max,type=gha: {reason}",)


def test_a_workflows_cache_is_used_where_its_token_is_handed_on() -> None:
    hints = read({"DRYDOCK_CACHE_FROM": "type=gha", "ACTIONS_RUNTIME_TOKEN": "t"}, {}, ROOMY, ROOMY)
    assert hints.imports == ("type=gha",)


SETTINGS = {"cache_from": ["type=local,src=a"], "cache_to": ["type=local,dest=a"]}


def test_pyproject_says_it_where_the_environment_does_not() -> None:
    hints = read({"DRYDOCK_CACHE_FROM": "user/app:cache"}, SETTINGS, ROOMY, ROOMY)
    assert hints.imports == ("user/app:cache",)
    assert hints.exports == ("type=local,dest=a,ignore-error=true",)
    assert read({"DRYDOCK_CACHE_FROM": ""}, SETTINGS, ROOMY, ROOMY).imports == ()


def test_what_pyproject_wishes_and_the_builder_cannot_do_is_left_out() -> None:
    hints = read({}, SETTINGS, ROOMY, able("inline"))
    assert hints.left_out == (
        "cache_to in [tool.drydock] leaves out type=local,dest=a: this builder exports no local cache, only inline",
    )


@pytest.mark.parametrize(
    ("environ", "settings", "said"),
    [
        (
            {"DRYDOCK_CACHE_TO": "type=lokal,dest=a"},
            {},
            "DRYDOCK_CACHE_TO type=lokal,dest=a: there is no cache of type",
        ),
        ({}, {"cache_to": ["type=local"]}, "cache_to in \\[tool.drydock\\] type=local: a local cache needs dest"),
        ({}, {"cache_from": "type=gha"}, "cache_from in \\[tool.drydock\\] is not a list"),
        ({}, {"cache_from": [3]}, "cache_from in \\[tool.drydock\\] is not a list"),
    ],
)
def test_what_no_builder_could_take_is_wrong_use(
    environ: dict[str, str], settings: dict[str, object], said: str
) -> None:
    with pytest.raises(Misuse, match=said):
        read(environ, settings, ROOMY, ROOMY)
