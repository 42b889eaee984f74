"""Where the passwords of a live drill come from: the environment or the system's key store.

A profile names the place (`env:NAME`, `keyring:SERVICE`), never the password. It is read at the
moment when a server asks for it, and kept by nobody.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from drillsim.drill.model import Unfit
from drillsim.i18n import _
from drillsim.mail.secret import Secret
from drillsim.problem import UsageError
from drillsim.text import clean_line

_ENVIRONMENT: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}")
_SERVICE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@/-]{0,127}")


@dataclass(frozen=True, slots=True)
class PasswordSource:
    """Where a password is read from.

    Attributes:
        kind: from the environment, or from the key store of the system.
        name: of the variable, or of the service.
    """

    kind: Literal["env", "keyring"]
    name: str

    def __str__(self) -> str:
        return f"{self.kind}:{self.name}"

    @classmethod
    def parse(cls, value: Any) -> "PasswordSource":
        """Return what a profile names.

        Raises:
            Unfit: it is no such name. It may be the password itself: its words are not repeated.
        """
        kind, colon, name = value.partition(":") if isinstance(value, str) else ("", "", "")
        if colon and kind == "env" and _ENVIRONMENT.fullmatch(name):
            return cls("env", name)
        if colon and kind == "keyring" and _SERVICE.fullmatch(name):
            return cls("keyring", name)
        raise Unfit(
            _("names no place from which a password is read; no password may stand in this file"),
            _('write "env:NAME" (a variable) or "keyring:SERVICE" (the key store)'),
        )

    def read(self, user: str, environment: Mapping[str, str] | None = None) -> Secret:
        """Return the password of `user`; `environment` is for tests.

        Raises:
            UsageError: there is none.
        """
        if self.kind == "env":
            text = (os.environ if environment is None else environment).get(self.name, "")
            if not text:
                raise UsageError(
                    _("the variable {name} holds no password; set it before you begin").format(
                        name=self.name
                    )
                )
            return Secret(text)
        return Secret(_from_keyring(self.name, user))


def _from_keyring(service: str, user: str) -> str:
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        raise UsageError(
            _("keyring is not installed, so no key store can be read; install drillsim[live]")
        ) from None
    try:
        text = keyring.get_password(service, user)
    except KeyringError as error:
        reason = clean_line(str(error), limit=200) or type(error).__name__
        raise UsageError(
            _("the key store cannot be read ({reason}); unlock it, or use a variable").format(
                reason=reason
            )
        ) from None
    if not text:
        raise UsageError(
            _("the key store has no password of {user} for {service}; store it there").format(
                user=clean_line(user, limit=60), service=service
            )
        )
    return text
