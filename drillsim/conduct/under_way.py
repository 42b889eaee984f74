"""The mails of a rehearsal that are under way: handed over once written, awaited before more is.

What becomes of a mail, and when, is decided from the seed before it is handed over; the transaction
only enacts it, and socket time never enters `at`. So many are under way at once, and drill time may
go on meanwhile. Nothing more is committed before they are in: what a crash leaves in doubt are the
mails of the last transaction.
"""

import asyncio
from collections.abc import Callable
from typing import Final, TypeAlias

from drillsim.conduct.mailroom import Posted
from drillsim.drill import events as ev
from drillsim.drill.agenda import Due, Rank
from drillsim.drill.events import MailId, NoticeKey
from drillsim.mail.sink import Reply
from drillsim.world.course import Course

MailSent: TypeAlias = ev.Submitted | ev.Retried | ev.AnswerSent | ev.StopSubmitted
"""Events that hand a mail over."""

HandOver: TypeAlias = Callable[[Posted, tuple[str, ...], Reply | None], "asyncio.Future[None]"]
"""Begins a transaction, for these recipients and with the reply that is planned."""

_OK: Final = 250


class UnderWay:
    """The mails of one rehearsal that are under way."""

    def __init__(self, course: Course, hand_over: HandOver) -> None:
        """Prepare a rehearsal, in which nothing is under way."""
        self._course, self._hand_over = course, hand_over
        self._transactions: list[asyncio.Future[None]] = []
        self._deferred: dict[tuple[MailId, NoticeKey], Posted] = {}

    # Handing over -------------------------------------------------------------------------------

    def start(self, event: MailSent, post: Posted) -> "asyncio.Future[None]":
        """Hand a mail over; return what is done when it is in."""
        planned: Reply | None = None
        to = post.envelope_to
        if isinstance(event, ev.Submitted | ev.Retried):
            carriage = self._course.carriage(event)
            to = (self._course.exercise.address(event.notice[1], event.officer),)
            if carriage.outcome == "deferred":
                self.defer(event, post)
            if carriage.reply_code != _OK:
                planned = Reply(carriage.reply_code, carriage.reply_text)
        taken = self._hand_over(post, to, planned)
        self.add(taken)
        return taken

    def add(self, transaction: "asyncio.Future[None]") -> None:
        """Wait for this transaction too."""
        self._transactions.append(transaction)

    def defer(self, event: ev.Submitted | ev.Retried | ev.Deferred, post: Posted) -> None:
        """Keep a mail that is to be handed over once more."""
        self._deferred[(event.mail, event.notice)] = post

    def deferred(self, event: ev.Retried) -> Posted:
        """Return a mail that was deferred."""
        return self._deferred[(event.mail, event.notice)]

    def close(self, event: ev.Notified | ev.Refused) -> None:
        """Let a mail go: it was taken or refused for good."""
        self._deferred.pop((event.mail, event.notice), None)

    # Arriving -----------------------------------------------------------------------------------

    def arrives_after(self, event: MailSent, last: Due) -> bool:
        """Whether the arrival of a mail lies after what was carried out last."""
        if isinstance(event, ev.StopSubmitted):
            return event.node not in self._course.board.stop_confirmed
        if isinstance(event, ev.AnswerSent):
            arrives_at = self._course.answer_arrives_at(event)
        else:
            arrives_at = self._course.carriage(event).arrives_at
        # An order is the first thing of its instant: the arrivals of that instant come after it.
        return arrives_at > last.at or (arrives_at == last.at and last.rank is Rank.COMMAND)

    async def settle(self) -> None:
        """Wait until everything that was handed over is in.

        Raises:
            SubmitFailedError: a mail was not taken as it was planned.
        """
        for each in self._transactions:
            await each  # If one fails, the others stay where they are looked after.
        self._transactions.clear()

    async def cancel(self) -> None:
        """Break off what is being handed over."""
        for each in self._transactions:
            each.cancel()
        await asyncio.gather(*self._transactions, return_exceptions=True)
