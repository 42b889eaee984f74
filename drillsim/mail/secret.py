"""A password in memory: it does not show itself, wherever the object around it is printed."""

from base64 import b64encode
from typing import Final, NoReturn

HIDDEN: Final = "••••"
"""Stands wherever a password would be shown."""


class Secret:
    """A text that is shown to nobody; `reveal` gives it to the one who needs it."""

    __slots__ = ("__text",)

    def __init__(self, text: str) -> None:
        self.__text = text

    def reveal(self) -> str:
        """Return the text itself, for the server alone."""
        return self.__text

    def scrubbed(self, text: str) -> str:
        """Return `text` without this secret, as it is or in the forms in which SMTP carries it."""
        own = self.__text.encode()
        for form in (self.__text, b64encode(own).decode(), b64encode(b"\0" + own).decode()):
            if form:
                text = text.replace(form, HIDDEN)
        return text

    def __repr__(self) -> str:
        return f"Secret({HIDDEN})"

    def __str__(self) -> str:
        return HIDDEN

    def __format__(self, spec: str) -> str:
        return HIDDEN

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is written nowhere")
