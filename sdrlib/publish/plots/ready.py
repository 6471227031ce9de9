"""Importing this page draws a figure that nobody sees.

The first figure of a process imports most of matplotlib and reads a font: a third of a second that no later figure
takes. A warm process imports this page before it forks, so that no report pays for it.
"""

from sdrlib.publish.plots.canvas import canvas, fit, name_marks, picture

with canvas() as (_fig, _ax):
    _ax.plot([0, 1], [0, 1], "o", label="1")
    _ax.set(xlabel="x", ylabel="y")
    name_marks(_ax)
    fit(_fig, _ax)
    picture(_fig, alt="nothing")
