"""Patterns of wording: many alternatives, letter case aside."""

import re


def any_of(*patterns: str, head: str = "") -> re.Pattern[str]:
    """Return one pattern that matches `head` and then what any of these match."""
    return re.compile(f"{head}(?:{'|'.join(patterns)})", re.IGNORECASE)
