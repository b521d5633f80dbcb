"""What tools found of seeded defects, as the bench prints it and the documents show it."""

from typing import Any

import pytest

from drydock.measures import defect_tables, evidence

HEAD: dict[str, Any] = {
    "kind": "defects",
    "command": "python bench/defects.py --save defects",
    "date": "2026-01-02",
    "machine": "2 cores",
    "versions": {"drydock": "0.1.0", "hadolint": "2.15.1"},
    "store": "overlay2",
    "commit": None,
    "dirty": False,
    "bases": [],
}
CAPTURE: dict[str, Any] = {
    **HEAD,
    "alarms": {"drydock": 0, "hadolint": 3},
    "absent": {"build --check": "buildx 0.13.1 has no --check"},
    "defects": [
        {"id": "root", "combined": False, "codes": {"root-user": ["drydock", "hadolint"]}},
        {
            "id": "both",
            "combined": True,
            "codes": {"root-user": ["drydock"], "copy-of-ignored": ["drydock"], "compose-latest-image": []},
        },
    ],
}


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        pytest.param("root-user", "Dockerfile", id="what names no other kind"),
        pytest.param("copy-of-ignored", "Dockerfile", id="the COPY is told, not the ignore file"),
        pytest.param("ignore-missing", "ignore file", id="ignore"),
        pytest.param("compose-latest-image", "compose", id="compose"),
        pytest.param("workflow-wide-permissions", "workflow", id="workflow"),
        pytest.param("ci-builds-other-image", "across", id="a workflow against a compose file"),
        pytest.param("unreadable-source", "any file", id="what can be wrong with each kind"),
    ],
)
def test_a_code_belongs_to_a_kind_of_file(code: str, kind: str) -> None:
    assert defect_tables.kind(code) == kind


def test_each_row_counts_what_was_wanted_and_what_each_tool_found() -> None:
    header, rows = defect_tables.found(CAPTURE)
    assert header == ("defects", "wanted", "drydock", "hadolint")
    assert rows == [
        ("compose", "1", "0", "0"),
        ("Dockerfile", "3", "3", "1"),
        ("alone", "1", "1", "1"),
        ("combined", "3", "2", "0"),
        ("all", "4", "3", "1"),
        ("held against clean repositories", "0", "0", "3"),
    ]


def test_a_tool_that_did_not_run_is_named_with_the_reason() -> None:
    shown = evidence.markdown(CAPTURE)
    assert "build --check was not run: buildx 0.13.1 has no --check." in shown
    assert "hadolint 2.15.1" in shown
