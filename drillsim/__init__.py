"""Emergency-contact drills over e-mail: planned, rehearsed, run and reviewed."""

__version__ = "0.1.0"
