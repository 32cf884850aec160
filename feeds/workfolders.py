"""Temporary folders that name their process, so that those of killed ones can be cleared away."""

from __future__ import annotations

import functools
import os
import platform
import re
import shutil
import sys
import tempfile
import zlib
from pathlib import Path

BEGINS = "ceasefire-"
NAMED = re.compile(rf"{BEGINS}[a-z]+-(?P<place>[0-9a-f]{{8}})-(?P<process>\d{{1,10}})-")
# Windows: the right to wait for a process, the error where there is none, and "still running".
SYNCHRONIZE, NO_SUCH_PROCESS, RUNNING = 0x0010_0000, 87, 0x102


def work_folder_prefix(what: str) -> str:
    """How the name of a temporary folder of this process begins; ``what`` in small letters."""
    return f"{BEGINS}{what}-{place()}-{os.getpid()}-"


@functools.lru_cache(maxsize=1)
def place() -> str:
    """Where this process's number means something: the machine, and the container on it."""
    try:
        within = os.readlink("/proc/self/ns/pid")
    except OSError:
        within = ""
    return f"{zlib.crc32(f'{platform.node()} {within}'.encode()):08x}"


def clear_abandoned() -> int:
    """Remove this user's temporary folders whose process is gone; how many those were.

    What a killed run read lies in them in clear. Folders of living processes, of other users, and
    of other machines or containers with the same temporary folder stay.
    """
    removed = 0
    try:
        with os.scandir(tempfile.gettempdir()) as entries:
            found = [Path(one.path) for one in entries if is_abandoned(one)]
    except OSError:
        # A folder that cannot be listed is nobody's to clear.
        return 0
    for folder in found:
        shutil.rmtree(folder, ignore_errors=True)
        removed += not folder.exists()
    return removed


def is_abandoned(entry: os.DirEntry) -> bool:
    """Whether an entry is such a folder of ours without its process."""
    told = NAMED.match(entry.name)
    if told is None or told["place"] != place() or not entry.is_dir(follow_symlinks=False):
        return False
    owner = getattr(os, "getuid", None)
    try:
        if owner is not None and entry.stat(follow_symlinks=False).st_uid != owner():
            return False
    except OSError:
        # Somebody else cleared it away just now.
        return False
    return not lives(int(told["process"]))


def lives(process: int) -> bool:
    """Whether a process of that number runs; where that cannot be told, it does."""
    if process == os.getpid():
        return True
    if sys.platform == "win32":
        return _lives_on_windows(process)
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True


def _lives_on_windows(process: int) -> bool:
    """The same on Windows, where signal 0 would end the process."""
    import ctypes

    kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    kernel.OpenProcess.restype = ctypes.c_void_p
    handle = kernel.OpenProcess(SYNCHRONIZE, False, process)
    if not handle:
        return ctypes.get_last_error() != NO_SUCH_PROCESS
    try:
        return kernel.WaitForSingleObject(ctypes.c_void_p(handle), 0) == RUNNING
    finally:
        kernel.CloseHandle(ctypes.c_void_p(handle))
