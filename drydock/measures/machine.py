"""What class of machine figures were measured on: cores, memory, system; never its name."""

import os
import platform


def describe() -> str:
    """Such as "2 cores, 24 GiB, Linux x86_64": usable cores, memory rounded to whole GiB where the system tells it."""
    count = cores()
    parts = [f"{count} core{'s' if count != 1 else ''}"]
    if memory := memory_bytes():
        parts.append(f"{round(memory / 2**30)} GiB")
    parts.append(f"{platform.system()} {platform.machine()}".strip())
    return ", ".join(parts)


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def memory_bytes() -> int | None:
    """Physical memory in bytes, or None where the system does not tell it this way."""
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return None
