"""Where the answers of a drill go: to its own address, or to the desk of a live drill."""

from dataclasses import dataclass
from typing import Final

from drillsim.drill.events import NoticeKey
from drillsim.drill.exercise import Exercise
from drillsim.mail.headers import Mailbox
from drillsim.mail.sink import KnownRecipients
from drillsim.mail.tokens import plus_address
from drillsim.world.references import reference

DRILL_MAILBOX: Final = "kunren@drillsim.test"
"""The drill's own address; `.test` names no real host (RFC 6761)."""


@dataclass(frozen=True, slots=True)
class DrillAddress:
    """The address of one drill, with the number of a notice (整理番号) behind its name.

    Attributes:
        seed: draws the numbers.
        digest: names the files in them.
        desk: from where the mails of a live drill are sent; a rehearsal writes from its bodies.
        plus_addresses: whether answers of a live drill may go to an address with a number.
    """

    seed: int
    digest: str
    desk: Mailbox | None = None
    plus_addresses: bool = False

    def token(self, notice: NoticeKey) -> str:
        """Return the 整理番号 of a notice."""
        return reference(self.seed, self.digest, notice)

    def reply_to(self, ref: str) -> Mailbox | None:
        """Return where answers go; in a live drill, to the sender unless it has plus-addresses."""
        if self.desk is not None:
            with_number = self.plus_addresses and ref
            return Mailbox(plus_address(self.desk.address, ref)) if with_number else None
        return Mailbox(plus_address(DRILL_MAILBOX, ref) if ref else DRILL_MAILBOX)

    def return_path(self, token: str) -> str:
        """Return where failed deliveries are reported."""
        if self.desk is None:
            return plus_address(DRILL_MAILBOX, token)
        return plus_address(self.desk.address, token) if self.plus_addresses else self.desk.address


def known_recipients(exercise: Exercise) -> KnownRecipients:
    """Return for whom the sink of a drill takes mail: those of the tree, and the drill itself."""
    addresses = {
        address
        for node in exercise.tree.nodes
        for address in (
            node.mailbox,
            *(a for o in node.officers for a in (*o.email, *o.off_hours.email)),
        )
        if address
    }
    return KnownRecipients(addresses, (DRILL_MAILBOX,))
