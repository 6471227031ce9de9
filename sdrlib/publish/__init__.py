"""Pages out of briefs: compared once, frozen, rendered many times. Import the module you need; this one stays cheap."""
