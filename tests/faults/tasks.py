"""Work for processes, some of which do not live to finish it."""

import os
import subprocess
import sys
import time
from pathlib import Path


def fated(item):
    """What is asked for: the double of a number, a death, or an error."""
    if item == "dies":
        os._exit(9)
    if item == "leaves":
        raise SystemExit(3)
    if item == "is out of memory":
        raise MemoryError
    return item * 2


def lingers(place):
    """Starts a process of its own, as a kernel is, writes both numbers down, and does not come back."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(300)"])
    part = Path(f"{place}.part")
    part.write_text(f"{os.getpid()} {child.pid}", encoding="utf-8")
    part.replace(place)
    time.sleep(300)
