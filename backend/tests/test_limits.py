"""How a figure stands to the limits of a budget."""

import pytest

from app.ledger.documents import Budget
from app.limits import judged


@pytest.mark.parametrize(
    ("now", "soft", "hard", "state"),
    [
        pytest.param(5, 10, 20, "ok", id="below both"),
        pytest.param(10, 10, 20, "ok", id="at the soft limit, which it keeps"),
        pytest.param(11, 10, 20, "warn", id="past the soft limit"),
        pytest.param(20, 10, 20, "warn", id="at the hard limit"),
        pytest.param(21, 10, 20, "fail", id="past the hard limit"),
        pytest.param(21, None, 20, "fail", id="past the only limit"),
        pytest.param(99, 10, None, "warn", id="with a soft limit only"),
        pytest.param(99, None, None, "ok", id="with none"),
        pytest.param(None, 10, 20, "unknown", id="not measured"),
    ],
)
def test_a_value_at_a_limit_keeps_it(now: float | None, soft: float | None, hard: float | None, state: str) -> None:
    assert judged(Budget("disk", soft, hard, ""), {"disk": now}).state == state
