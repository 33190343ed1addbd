"""The algorithms, pure: arrays and dataclasses in, dataclasses out. No Django, no files, no clock; seeded."""
