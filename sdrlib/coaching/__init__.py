"""From evidence to advice: at most one focus, what to keep, and silence where nothing is established."""

from sdrlib.coaching.diagnosis import coach

__all__ = ["coach"]
