"""Break hundreds of runs: ``python -m tests.faults --runs 300 --seed 1``."""

import argparse
import sys
import tempfile
from pathlib import Path

from tests.faults import breaking, world

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        met = breaking(world(Path(place)), asked.runs, asked.seed, lambda line: sys.stderr.write(f"{line}\n"))
    lines = [f"{asked.runs} trials, {sum(met.values())} broken attempts: every promise held."]
    for kind in sorted({kind for kind, _ in met}):
        codes = sorted((code, count) for (each, code), count in met.items() if each == kind)
        told = ", ".join(f"{count} x {code}" for code, count in codes)
        lines.append(f"{kind:20} {sum(count for _, count in codes):5}  exit codes: {told}")
    sys.stdout.write("\n".join(lines) + "\n")
