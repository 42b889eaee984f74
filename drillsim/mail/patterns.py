"""Patterns of wording: many alternatives, letter case aside."""

import re


def any_of(*patterns: str, head: str = "", tail: str = "") -> re.Pattern[str]:
    """Return one pattern that matches `head`, what any of these match, and `tail`."""
    return re.compile(f"{head}(?:{'|'.join(patterns)}){tail}", re.IGNORECASE)
