"""Kills as a table: how many of which, what they had begun, and every loss as a sentence."""

from typing import Any

from drydock.measures import kill_tables


def kill(command: str, victim: str, at: float, **words: Any) -> dict[str, Any]:
    nothing: dict[str, Any] = {"begun": [], "lost": [], "left": []}
    return {"command": command, "victim": victim, "at": at, "code": -9, "next": 0, "seconds": 1.0, **nothing, **words}


KILLS = {
    "seed": 7,
    "count": 2,
    "kills": [
        kill("build", "drydock", 0.25, begun=["temporary: a"]),
        kill("build", "drydock", 0.5),
        kill("prove", "engine", 0.75, lost=["rows of builds"], left=["container: b", "network: c"]),
    ],
}


def test_a_row_for_each_command_and_victim_and_one_for_all() -> None:
    header, rows = kill_tables.rows(KILLS)
    assert [len(row) for row in rows] == [len(header)] * 3
    assert rows == [
        ("build", "Drydock itself", "2", "1", "0", "0"),
        ("prove", "dockerd and containerd", "1", "0", "1", "1"),
        ("all", "", "3", "1", "1", "1"),
    ]


def test_what_was_lost_or_left_is_told_with_its_moment() -> None:
    assert [*kill_tables.odd(KILLS)] == [
        "prove, engine killed at 0.750: lost or half written: rows of builds",
        "prove, engine killed at 0.750: left after the next run: container: b",
        "prove, engine killed at 0.750: left after the next run: network: c",
    ]
    assert (
        kill_tables.told(KILLS)
        == "3 moments from 25% to 75% of a run, half of them before 50%; seed 7. Broken off before 2: prove (1)."
    )
