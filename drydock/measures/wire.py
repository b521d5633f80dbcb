"""What sending a context costs in bytes: content, and what is told of each entry. Pure.

BuildKit counts the messages of its file transfer: one for each entry with path, mode, size, time and link target, and
the content in parts of 32 KiB, closed by an empty part. Their length follows from the protocol's encoding.
"""

import os
import stat
from collections.abc import Sequence

from drydock.measures.inputs import Entry, Kind

PART = 32 * 1024
FOLDER, LINK, DEVICE, PIPE, SOCKET, SETUID, SETGID, STICKY = (1 << bit for bit in (31, 27, 26, 25, 24, 23, 22, 20))


def size(entries: Sequence[Entry]) -> int:
    """Bytes that a first transfer of these entries, in this order, takes; a file of several names is sent once."""
    total, seen = 0, dict[int, str]()
    for number, entry in enumerate(entries):
        known = seen.setdefault(entry.shared, entry.path) if entry.shared else entry.path
        repeated = known != entry.path
        total += _told(entry, known if repeated else entry.target)
        if entry.kind is Kind.FILE and not repeated:
            total += _content(entry.size, number)
    return total + 2  # the word that nothing follows


def _told(entry: Entry, link: str) -> int:
    length = _field(len(os.fsencode(entry.path))) + _number(_mode(entry)) + _number(entry.modified)
    length += _number(entry.size) + (_field(len(os.fsencode(link))) if link else 0)
    return _field(length)


def _content(size: int, number: int) -> int:
    head = 2 + _number(number)
    whole, rest = divmod(size, PART)
    return whole * (head + _field(PART)) + (head + _field(rest) if rest else 0) + head


def _mode(entry: Entry) -> int:
    """The mode as Go writes it: permissions below, the kind of entry in high bits of its own."""
    bits = {stat.S_ISDIR: FOLDER, stat.S_ISLNK: LINK, stat.S_ISFIFO: PIPE, stat.S_ISSOCK: SOCKET}
    kind = next((bit for holds, bit in bits.items() if holds(entry.mode)), 0 if stat.S_ISREG(entry.mode) else DEVICE)
    special = {stat.S_ISUID: SETUID, stat.S_ISGID: SETGID, stat.S_ISVTX: STICKY}
    return kind | entry.mode & 0o777 | sum(bit for flag, bit in special.items() if entry.mode & flag)


def _number(value: int) -> int:
    """A field that holds a number; nothing is written for 0."""
    return 1 + _varint(value) if value else 0


def _field(length: int) -> int:
    """A field that holds so many bytes."""
    return 1 + _varint(length) + length


def _varint(value: int) -> int:
    return max(1, ((value & (1 << 64) - 1).bit_length() + 6) // 7)
