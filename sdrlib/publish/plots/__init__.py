"""How the figures are drawn: the only pages that know matplotlib, imported when first needed."""

from sdrlib.publish.plots.canvas import FONT, Picture, font_file, picture, show
from sdrlib.publish.plots.colleagues import Funnel, funnel, funnel_limits
from sdrlib.publish.plots.coming import Ahead, ahead
from sdrlib.publish.plots.mix import Shares, shares
from sdrlib.publish.plots.weeks import Weekly, weekly

__all__ = [
    "FONT",
    "Ahead",
    "Funnel",
    "Picture",
    "Shares",
    "Weekly",
    "ahead",
    "font_file",
    "funnel",
    "funnel_limits",
    "picture",
    "shares",
    "show",
    "weekly",
]
