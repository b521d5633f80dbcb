"""What a step printed, as the ledger keeps it: its last lines, without colours and other signs for terminals. Pure."""

import re

from drydock.causes.veil import Veil, without_logins

MOST_BYTES = 16_000
ESCAPE = re.compile(r"\x1b(\[[0-9;?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)|.)")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def kept(output: str, veil: Veil) -> str | None:
    """The last whole lines of at most MOST_BYTES bytes in UTF-8, or the end of a longer line; None where it was silent.

    What looks secret is hidden once more, since colours may have stood within a value; so are the logins of addresses.
    """
    lines = [CONTROL.sub("", line).rstrip() for line in ESCAPE.sub("", output).splitlines()]
    data = without_logins(veil.hide("\n".join(lines))).strip("\n").encode("utf-8", "replace")
    if len(data) > MOST_BYTES:
        end = data[-MOST_BYTES:]
        data = end[end.find(b"\n") + 1 :]
    return data.decode("utf-8", "ignore") or None
