"""Property tests draw the same examples in every run: a red build must mean a change, not a draw.

``HYPOTHESIS_PROFILE=search`` draws anew, to look for what nobody has seen yet.
"""

import os

from hypothesis import settings

settings.register_profile("same", derandomize=True)
settings.register_profile("search", max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))
