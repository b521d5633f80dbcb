"""How much of what takes long is run."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--one-in N` takes each Nth of the seeded defects whose fixes enter a build."""
    parser.addoption("--one-in", type=int, default=1, help="build only each Nth seeded defect (default: all)")
