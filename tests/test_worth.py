"""Caches outside the engine: judged by what they took and saved, in the words of seconds."""

import pytest

from drydock.builds import worth
from drydock.builds.worth import USES, Account, Use, Verdict

ENTRY = ("type=local,dest=kept",)


@pytest.mark.parametrize(
    ("uses", "verdict"),
    [
        pytest.param([], Verdict.OPEN, id="nothing known"),
        pytest.param([Use(2, None, None, 20)], Verdict.OPEN, id="never imported"),
        pytest.param([Use(14, None, None, 3)], Verdict.LOSES, id="all steps together take less"),
        pytest.param([Use(2, None, None, 3), Use(None, 2, 0, 3)], Verdict.LOSES, id="less than export and import"),
        pytest.param([Use(14, None, None, None)], Verdict.OPEN, id="what the steps take is not known"),
        pytest.param([Use(2, None, None, 20), Use(2, 1, 20, 20)], Verdict.PAYS, id="saved more than it took"),
        pytest.param([Use(2, 1, 0, 20)] * 2, Verdict.OPEN, id="two builds in which a dependency changed"),
        pytest.param([Use(2, 1, 0, 20)] * 3, Verdict.LOSES, id="three builds that it saved nothing"),
        pytest.param([Use(2, 1, None, 20)] * 9, Verdict.OPEN, id="what it saved is not known"),
        pytest.param([Use(2, 1, 0, 20)] * 3 + [Use(2, 1, 18, 20)], Verdict.PAYS, id="one build makes up for others"),
        pytest.param([Use(14, None, None, 3), Use(None, None, None, 300)], Verdict.OPEN, id="an install came in since"),
    ],
)
def test_a_cache_is_judged_by_what_it_took_and_saved(uses: list[Use], verdict: Verdict) -> None:
    assert Account(ENTRY, tuple(uses)).verdict is verdict


def test_a_cache_that_is_left_out_is_tried_again_in_the_end() -> None:
    account = Account(ENTRY, (Use(2, 1, 0, 20),) * 3)
    verdicts = []
    for _ in range(USES):
        account = account.after(Use(most_seconds=20))
        verdicts.append(account.verdict)
    assert (verdicts[0], verdicts[-1], account.exported) == (Verdict.LOSES, Verdict.OPEN, 0)


@pytest.mark.parametrize(
    ("uses", "words"),
    [
        (
            [Use(14.2, None, None, 3.1)],
            "14.2 s to export in one build and can save 3.10 s in each at most: it does not pay",
        ),
        ([Use(2, 0.5, 20, 20)], "2.00 s to export and 0.50 s to import and saved 20.0 s in one build: it pays"),
        ([Use(None, 9, 2, 20)] * 3, "27.0 s to import and saved 6.00 s in the last 3 builds: it does not pay"),
        (
            [Use(2, None, None, 20)],
            "2.00 s to export and saved 0.00 s in one build: judged once it is known what it saved in 3 builds",
        ),
    ],
)
def test_one_line_says_what_it_took_and_saved(uses: list[Use], words: str) -> None:
    account = Account(ENTRY, tuple(uses))
    assert account.words("app") == f"the cache type=local,dest=kept of app took {words}"


def test_an_account_comes_back_as_it_was_kept() -> None:
    account = Account(ENTRY, (Use(2, None, None, 3.5), Use(None, 1.25, 0)))
    assert worth.read(account.document()) == account


@pytest.mark.parametrize(
    "plain", [None, {}, {"entries": [], "uses": [{"odd": 1}]}, {"entries": [], "uses": [{"most_seconds": "x"}]}]
)
def test_what_is_no_account_is_refused(plain: object) -> None:
    with pytest.raises(ValueError, match=r"no account|could not convert"):
        worth.read(plain)
