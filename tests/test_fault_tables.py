"""What the doctor said of faults, as the bench prints it and the documents show it."""

from typing import Any

from drydock.measures import evidence, fault_tables

FAULT: dict[str, Any] = {
    "family": "engine",
    "name": "the engine is stopped",
    "check": "engine",
    "state": "fail",
    "code": 3,
    "seen": "it does not run",
    "remedy": "inv engine --start",
    "follow": 5,
    "mended": "fix",
    "seconds": [0.5, 0.4, 0.9],
}
CAPTURE: dict[str, Any] = {
    "kind": "faults",
    "command": "python bench/faults.py --save faults",
    "date": "2026-01-02",
    "machine": "2 cores",
    "versions": {"drydock": "0.1.0"},
    "store": "overlay2",
    "commit": None,
    "dirty": False,
    "bases": [],
    "runs": 3,
    "faults": [
        FAULT,
        {**FAULT, "family": "client", "name": "BuildKit is off", "state": "warn", "mended": "", "seconds": [1.2]},
    ],
    "healthy": [{"name": "all is well", "checks": 29, "alarms": 0, "seconds": [0.6]}],
}


def test_each_family_has_its_faults_with_what_is_said_of_them() -> None:
    found = fault_tables.families(CAPTURE)
    assert list(found) == ["engine", "client"]
    words = ("engine", "`it does not run`", "`inv engine --start`", "`--fix`", "0.50 s (0.40 s to 0.90 s)")
    assert found["engine"][1] == [("the engine is stopped", *words)]
    assert found["client"][1][0][1] == "engine (warning)"


def test_all_of_it_is_one_sentence_more_and_a_table_of_what_is_well() -> None:
    said = evidence.markdown(CAPTURE)
    assert said.startswith(
        "2 faults, each told first and with its remedy; 1 of the remedies were carried out, and the fault was gone."
        " 1 machines with nothing wrong, and 0 complaints. The longest took 1.20 s: BuildKit is off."
    )
    assert "| all is well | 29 | 0 | 0.60 s |" in said
    assert "**client**" in said
