"""Property tests draw the same examples in every run: a red build must mean a change, not a draw.

``HYPOTHESIS_PROFILE=search`` draws anew, to look for what nobody has seen yet.
"""

import gc
import os

import pytest
from hypothesis import settings

os.environ.setdefault("SDR_CACHE", "off")  # of commands that tests start

settings.register_profile("same", derandomize=True)
settings.register_profile("search", max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))
gc.set_threshold(50_000, 20, 20)  # queries are trees of many small objects: looking them through took a tenth


@pytest.fixture(scope="session", autouse=True)
def _no_cache_of_the_user():
    """Nobody's own cache is read or filled; a test that wants one names a folder."""
    from sdrlib import cache

    real, patch = cache.folder_of, pytest.MonkeyPatch()
    patch.setattr(cache, "folder_of", lambda setting: None if setting == cache.AUTO else real(setting))
    yield
    patch.undo()


@pytest.fixture(scope="session")
def sample_analysis():
    """The sample team, analysed once in each process: tests read it and change nothing."""
    from sdrlib import Settings, analyse

    return analyse(Settings.gather(env={}))


@pytest.fixture
def in_this_process(monkeypatch):
    """Reports made one after another in the test's own process, so that what a test changes is seen by them."""

    def spread(task, items, workers):
        yield from ((place, task(item)) for place, item in enumerate(items))

    monkeypatch.setattr("sdrlib.publish.fanout.spread", spread)
