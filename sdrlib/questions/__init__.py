"""The questions: each turns counts into evidence."""
