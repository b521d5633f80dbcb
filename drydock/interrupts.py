"""SIGTERM and SIGHUP count as Ctrl-C, so that what was begun is cleaned up. Standard library only."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

ENDS = tuple(getattr(signal, name) for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name))


@contextmanager
def as_ctrl_c() -> Iterator[None]:
    """Within this block, the first of these signals is a KeyboardInterrupt; later ones do not disturb the cleaning up.

    What the user chose (nohup) stays, and so does what a caller has set. Ctrl-C itself is left to Python.
    """
    begun = False

    def end(_number: int, _frame: FrameType | None) -> None:
        nonlocal begun
        if not begun:
            begun = True
            raise KeyboardInterrupt

    if threading.current_thread() is not threading.main_thread():  # only there can handlers be set
        yield
        return
    ours = [number for number in ENDS if signal.getsignal(number) is signal.SIG_DFL]
    for number in ours:
        signal.signal(number, end)  # children begin with the default again
    try:
        yield
    finally:
        for number in ours:
            signal.signal(number, signal.SIG_DFL)
