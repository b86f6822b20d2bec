"""Where compiled kernels are kept: a folder that changes whenever any kernel does.

Belongs here: the folder's name, and telling numba of it before a kernel is imported. Does not: compiling (warm.py).

numba's own cache looks only at the file of the function that is called: it would go on using the old code of a helper
in another file. So the folder is named by a hash of all kernel sources, numba's version and the processor, and an edit
anywhere starts an empty one.
"""

from __future__ import annotations

import hashlib
import os
import platform
import sys
from importlib.metadata import version
from pathlib import Path

from warehouse.home import Home

KERNELS = Path(__file__).resolve().parent / "kernels"
PROCESSOR = Path("/proc/cpuinfo")


def kernel_cache(home: Home, kernels: Path = KERNELS) -> Path:
    """The folder for the kernels as they stand now, on this processor."""
    digest = hashlib.sha256()
    for file in sorted(kernels.glob("*.py")):
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    digest.update(f"{version('numba')} {sys.version} {platform.machine()} {_processor()}".encode())
    return home.kernel_cache / digest.hexdigest()[:24]


def use_kernel_cache(home: Home) -> Path:
    """Send what numba compiles from now on to kernel_cache(home); importing the package `transforms` does this."""
    folder = kernel_cache(home)
    os.environ["NUMBA_CACHE_DIR"] = str(folder)  # numba may not be imported yet, and need not be
    if numba := sys.modules.get("numba"):
        numba.config.CACHE_DIR = str(folder)
    return folder


def _processor() -> str:
    """Model and features of the processor; code compiled for another one may use instructions this one lacks."""
    try:
        lines = PROCESSOR.read_text().splitlines()
    except OSError:
        return platform.processor()
    return " ".join(dict.fromkeys(line for line in lines if line.startswith(("model name", "flags", "Features"))))
