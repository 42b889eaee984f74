"""Whether a director is at work on a drill, as anybody may ask who only follows it.

The lock file beside the journal names the director's process. It is asked for that process, and
not whether the lock is free: trying it would get in the way of a director that is just starting.
"""

import os
import sys
from contextlib import suppress
from pathlib import Path

_BYTES_MAX = 20


def is_directed(drill: Path) -> bool:
    """Whether the process that holds the journal at `drill` is alive."""
    try:
        with open(drill.with_name(drill.name + ".lock"), "rb") as lock:
            text = lock.read(_BYTES_MAX).strip()
    except OSError:
        return False
    # A lock that names nobody yet was just taken.
    return not text or (text.isdigit() and _is_alive(int(text)))


if sys.platform == "win32":

    def _is_alive(process: int) -> bool:
        """Whether there is such a process; `os.kill` would end it on Windows."""
        import ctypes

        query_limited_information, still_active = 0x1000, 259
        kernel = ctypes.windll.kernel32
        handle = kernel.OpenProcess(query_limited_information, False, process)
        if not handle:
            return False
        try:
            code = ctypes.c_ulong()
            known = kernel.GetExitCodeProcess(handle, ctypes.byref(code))
            return bool(known) and code.value == still_active
        finally:
            kernel.CloseHandle(handle)

else:

    def _is_alive(process: int) -> bool:
        """Whether there is such a process; a child of ours that has ended is none."""
        with suppress(ChildProcessError):  # It was started elsewhere.
            os.waitpid(process, os.WNOHANG)
        try:
            os.kill(process, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True  # It belongs to another user.
        return not _is_zombie(process)

    def _is_zombie(process: int) -> bool:
        """Whether it has ended and nobody collects it, as in containers without an init."""
        try:
            status = Path(f"/proc/{process}/stat").read_text(encoding="ascii", errors="replace")
        except OSError:
            return False  # Not Linux, or it is gone by now: the next look tells.
        return status.rpartition(")")[2].split()[:1] == ["Z"]
