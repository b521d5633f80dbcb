"""How often is killed, and at which moments."""

import pytest

from bench import kills


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--kills N` of each command; `--seed N` gives the moments of another run again."""
    parser.addoption("--kills", type=int, default=kills.COUNT, help=f"kills of each command (default: {kills.COUNT})")
    parser.addoption("--seed", type=int, default=kills.SEED, help="gives the moments of another run again")
