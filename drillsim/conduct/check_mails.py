"""The names of the mails of a test round, by which a live drill tells them from answers.

`drillsim live check` shares the mailbox with the drill, and may have been made just before it.
"""

import re
from typing import Final

from drillsim.mail.replies import Recognised

_OF_A_CHECK: Final = re.compile(r"(?:answer\.)?check\.[2-9a-z]{8}@(?P<domain>.+)")


def check_id(token: str, address: str) -> str:
    """Return the Message-ID of the test mail with this number, sent from this address."""
    domain = address.rpartition("@")[2]
    return f"check.{token.replace('-', '').lower()}@{domain}"


def answer_id(checked: str) -> str:
    """Return the Message-ID of what is answered to a test mail by the check itself."""
    return f"answer.{checked}"


def is_of_a_check(got: Recognised, address: str) -> bool:
    """Whether a mail is a test mail that was sent from this address, or the answer to one."""
    domain = address.rpartition("@")[2].lower()
    for name in (got.message_id, *got.thread[:1]):
        found = _OF_A_CHECK.fullmatch(name)
        if found is not None and found["domain"].lower() == domain:
            return True
    return False
