"""Names of files that every machine can hold: a drill is copied, mailed, and opened on Windows."""

import re
from typing import Final

from drillsim.i18n import _

NAME_BYTES_MAX: Final = 255
"""What the usual file systems hold in one name."""

_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_NOT_UNDER_WINDOWS: Final = re.compile(r'[<>:"|?*\\]')


def is_device(name: str) -> bool:
    """Whether Windows takes a file of this name for a device, such as `con` or `NUL.yaml`."""
    stem = name.partition(".")[0].rstrip(" ").upper()
    return stem in {"CON", "PRN", "AUX", "NUL"} or (
        len(stem) == 4 and stem[:3] in {"COM", "LPT"} and stem[3] in "123456789¹²³"
    )


def fault_of_name(name: str) -> str | None:
    """Return why a new file should not be called `name` (without its folders), or None.

    The answer says what is wrong and how to mend it; it holds no character of the name that would
    act on a screen.
    """
    if not name.strip(" ."):
        return _("this names no file; give it a name")
    if _CONTROL.search(name):
        return _("the name holds a character that cannot be seen; delete it")
    if found := _NOT_UNDER_WINDOWS.search(name):
        return _("{sign} cannot stand in a file's name under Windows; leave it out").format(
            sign=found[0]
        )
    if name[-1] in " .":
        return _("the name ends in a space or a dot, which Windows cuts off; leave it out")
    if is_device(name):
        return _("{name} is the name of a device under Windows; name the file otherwise").format(
            name=name
        )
    if len(name.encode("utf-8", "surrogateescape")) > NAME_BYTES_MAX:
        return _("the name is too long; write at most {limit} bytes").format(limit=NAME_BYTES_MAX)
    return None
