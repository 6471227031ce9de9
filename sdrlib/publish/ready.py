"""Importing this page draws a figure that nobody sees, and reads the words of every language.

The first page of a process imports most of matplotlib, reads a font and learns what a brief looks like: a third of a
second that no later page takes. A warm process imports this before it forks, so that no report pays for it.
"""

from sdrlib.knowledge import LANGUAGES
from sdrlib.publish.brief import adapter
from sdrlib.publish.plots.canvas import canvas, fit, name_marks, picture, show_ticks
from sdrlib.records import Brief, TeamBrief
from sdrlib.words import Words

for _kind in (Brief, TeamBrief):
    adapter(_kind)
for _language in LANGUAGES:
    with canvas() as (_fig, _ax):
        _ax.plot([0, 1], [0, 1], "o", label="1")
        _ax.set(xlabel="x", ylabel="y")
        show_ticks(_ax.xaxis, Words(_language).count)
        name_marks(_ax)
        fit(_fig, _ax)
        picture(_fig, alt="nothing")
