"""Invented teams of any size with known truth: for the notebooks, the tests, and judging the method.

``make_team`` draws a team from a seed; ``write_team`` writes it as files that ``load`` reads. The truth is
written beside the tables and read by nothing that analyses them.
"""

from __future__ import annotations

from sdrlib.sample.team import SAMPLE_END, Team, make_team
from sdrlib.sample.write import Form, write_team

__all__ = ["SAMPLE_END", "Form", "Team", "make_team", "write_team"]
