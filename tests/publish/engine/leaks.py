"""Reports that try to leave something behind, and to find what others left.

``python -m tests.publish.engine.leaks [ROUNDS] [ENGINE]`` runs ROUNDS notebooks (200) that each leave everything and
look for everything, and names what was seen.
"""

from __future__ import annotations

import json
import sys
import tempfile
from pathlib import Path

from tests.publish.engine.torture import notebook, run

PROBES = {
    "a variable": ("left_here = 1", "'left_here' in globals()"),
    "a module": ("sys.modules['left_module'] = sys", "'left_module' in sys.modules"),
    "the path": ("sys.path.append('/left')", "'/left' in sys.path"),
    "an environment variable": ("os.environ['LEFT'] = '1'", "'LEFT' in os.environ"),
    "the working folder": ("os.chdir('/')", "os.getcwd() == '/'"),
    "a patched library": ("pd.DataFrame.left = 1", "hasattr(pd.DataFrame, 'left')"),
    "a pandas option": ("pd.set_option('display.max_rows', 7)", "pd.get_option('display.max_rows') == 7"),
    "figure settings": ("plt.rcParams['font.size'] = 33", "plt.rcParams['font.size'] == 33"),
    "an open figure": ("plt.figure(99); plt.close = len", "plt.fignum_exists(99) or plt.close is len"),
    "print options": ("np.set_printoptions(precision=1)", "np.get_printoptions()['precision'] == 1"),
    "a random seed": ("np.random.seed(5); random.seed(5)", "np.random.get_state()[1][0] == 5"),
    "warning filters": (
        "warnings.filterwarnings('ignore', 'left')",
        "any(f[1] and f[1].pattern == 'left' for f in warnings.filters)",
    ),
    "a log handler": (
        "logging.root.addHandler(logging.NullHandler())",
        "any(type(h) is logging.NullHandler for h in logging.root.handlers)",
    ),
    "a builtin": ("builtins.left = 1", "hasattr(builtins, 'left')"),
    "a magic": (
        "get_ipython().register_magic_function(len, magic_name='left')",
        "'left' in get_ipython().magics_manager.magics['line']",
    ),
    "history": ("'LEFT' + ''", "any('LEFT' in line for line in In[:2])"),
    "a thread": (
        "threading.Thread(target=time.sleep, args=(60,), daemon=True, name='l').start()",
        "'l' in [t.name for t in threading.enumerate()]",
    ),
    "a signal": (
        "signal.signal(signal.SIGUSR1, lambda *a: None)",
        "signal.getsignal(signal.SIGUSR1) != signal.SIG_DFL",
    ),
}
"""What leaves something, and what is true where it is seen."""

IMPORTS = (
    "import builtins, json, logging, os, random, signal, sys, threading, time, warnings\n"
    "import matplotlib.pyplot as plt, numpy as np, pandas as pd"
)


def seen(engine: str | None, folder: Path, rounds: int) -> list[str]:
    """What any of so many reports saw of those before it, each of which left everything."""
    look = "print(json.dumps([" + ", ".join(f"bool({found})" for _, found in PROBES.values()) + "]))"
    leave = [left for left, _ in PROBES.values()]
    told = []
    for number in range(rounds):
        made, raised = run(notebook(IMPORTS, look, *leave, look), folder, engine)
        assert raised == "", raised
        before, after = (json.loads(made.cells[i].outputs[0].text) for i in (1, -1))
        assert sum(after) >= len(PROBES) - 1, "what is left must be visible to the one who left it"
        told += [f"report {number} saw {name}" for name, there in zip(PROBES, before, strict=True) if there]
    return told


def main() -> None:
    """Ask often, and tell."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    engine = sys.argv[2] if len(sys.argv) > 2 else "warm"
    with tempfile.TemporaryDirectory() as folder:
        found = seen(engine, Path(folder), rounds)
    sys.stdout.write(f"{rounds} reports, {len(PROBES)} probes each: {len(found)} leaks\n" + "\n".join(found))


if __name__ == "__main__":
    main()
