"""The mails of a rehearsal that are under way: handed over when written, awaited when they arrive.

A transaction starts when its mail is written and is awaited when drill time reaches its arrival:
many are under way at once, yet the order of events depends on the seed alone, and socket time never
enters `at`.
"""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Final, TypeAlias

from drillsim.conduct.mailroom import Posted
from drillsim.drill import events as ev
from drillsim.drill.agenda import Due, Rank
from drillsim.drill.events import MailId, NoticeKey
from drillsim.mail.sink import Reply
from drillsim.world.course import Course

ARRIVING: Final = ev.Submitted | ev.Retried | ev.AnswerSent
"""Events of mails whose arrival is an instant of the drill."""

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
        self._arrivals: dict[timedelta, list[asyncio.Future[None]]] = {}
        self._others: set[asyncio.Future[None]] = set()
        """Stop mails: they arrive when they arrive."""
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
        if isinstance(event, ev.StopSubmitted):
            self._others.add(taken)
        else:
            self._arrivals.setdefault(self.arrives_at(event), []).append(taken)
        return taken

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

    def arrives_at(self, event: ev.Submitted | ev.Retried | ev.AnswerSent) -> timedelta:
        """Return the instant at which a mail arrives."""
        if isinstance(event, ev.AnswerSent):
            return self._course.answer_arrives_at(event)
        return self._course.carriage(event).arrives_at

    def arrives_after(self, event: MailSent, last: Due) -> bool:
        """Whether the arrival of a mail lies after what was carried out last."""
        if isinstance(event, ev.StopSubmitted):
            return event.node not in self._course.board.stop_confirmed
        arrives_at = self.arrives_at(event)
        # An order is the first thing of its instant: the arrivals of that instant come after it.
        return arrives_at > last.at or (arrives_at == last.at and last.rank is Rank.COMMAND)

    def are_in(self, at: timedelta) -> bool:
        """Whether the mails that arrive at `at` have been handed over, as it was planned."""
        return all(_is_in(arrival) for arrival in self._arrivals.get(at, ()))

    async def wait_for(self, at: timedelta) -> None:
        """Wait for the mails that arrive at `at`.

        Raises:
            SubmitFailedError: one was not taken as it was planned.
        """
        for arrival in self._arrivals.get(at, ()):
            await arrival  # If one fails, the others stay where they are looked after.

    def arrived(self, at: timedelta) -> None:
        """Let the mails go that have arrived at `at`."""
        self._arrivals.pop(at, None)

    # The end ------------------------------------------------------------------------------------

    async def settle(self) -> None:
        """Wait for mails that are still being handed over, so that the journal has them all."""
        for each in self._all():
            await each
        self._arrivals.clear()

    async def cancel(self) -> None:
        """Break off what is being handed over."""
        under_way = self._all()
        for each in under_way:
            each.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)

    def _all(self) -> list["asyncio.Future[None]"]:
        return [*self._others, *(each for those in self._arrivals.values() for each in those)]


def _is_in(arrival: "asyncio.Future[None]") -> bool:
    return arrival.done() and not arrival.cancelled() and arrival.exception() is None
