"""The machine of a run, described without host name or path."""

import os
import platform
from pathlib import Path
from typing import Any

import psutil


def describe(folder: Path) -> dict[str, Any]:
    """Processor, memory, system and the file system that holds `folder`."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gib": round(psutil.virtual_memory().total / 2**30),
        "system": _system(),
        "file_system": _file_system(folder),
        "python": platform.python_version(),
    }


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.machine()


def _system() -> str:
    try:
        return platform.freedesktop_os_release()["PRETTY_NAME"]
    except (OSError, KeyError):
        return f"{platform.system()} {platform.release()}"


def _file_system(folder: Path) -> str:
    """The type of the innermost mount above the folder: `ext4`, or `tmpfs`, on which fsync is free."""
    mounts = [
        (len(Path(part.mountpoint).parts), part.fstype)
        for part in psutil.disk_partitions(all=True)
        if folder.resolve().is_relative_to(part.mountpoint)
    ]
    return max(mounts)[1] if mounts else "unknown"
