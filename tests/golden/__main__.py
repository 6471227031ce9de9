"""``python -m tests.golden FILE``: run golden cases and say how many pass."""

import sys

from . import ADAPTERS, CASES, differences, load


def main(path=CASES):
    failed = 0
    cases = load(path)
    for case in cases:
        try:
            problems = (
                differences(case) if case["topic"] in ADAPTERS else [f"{case['id']}: unknown topic {case['topic']}"]
            )
        except Exception as error:  # a case that stops is a case that fails; the others still count
            problems = [f"{case['id']}: {type(error).__name__}: {error}"]
        failed += bool(problems)
        sys.stdout.writelines(f"{problem}\n" for problem in problems)
    sys.stdout.write(f"{len(cases) - failed} passed, {failed} failed\n")
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
