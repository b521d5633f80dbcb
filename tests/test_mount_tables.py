"""What carrying cache mounts took and saved, as a table."""

from drydock.measures import mount_tables

DOCUMENT = {
    "images": {
        "web": {
            "target": "/root/.npm",
            "bytes": [50_000_000, 52_000_000, 51_000_000],
            "source": False,
            "seconds": {
                "export": [2.0, 2.0, 9.0],
                "import": [1.0, 1.0, 1.0],
                "empty": [20.0, 21.0, 20.0],
                "carried": [12.0, 12.0, 12.0],
            },
        }
    }
}


def test_what_carrying_saves_is_what_builds_take_less_without_what_it_took_itself() -> None:
    header, (row,) = mount_tables.rows(DOCUMENT)
    assert len(header) == len(row)
    assert (row[2], row[-2], row[-1]) == ("51.0 MB", "saves 5.0 s", "costs 3.0 s")
