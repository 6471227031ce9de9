"""``python -m sdrlib`` is ``sdr``."""

from sdrlib.cli import main

main()
