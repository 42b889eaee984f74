"""Drills written by hand, event by event, for tests of what is made of them."""

from datetime import timedelta
from typing import Any

from drillsim.drill import events as ev
from drillsim.drill.events import AnyEvent, NoticeKey
from drillsim.drill.exercise import Exercise
from drillsim.drill.scenario import InjectId, PhaseId
from drillsim.drill.tree import NodeId


def m(minutes: float) -> timedelta:
    """Return so many minutes."""
    return timedelta(minutes=minutes)


class Log:
    """The events of one drill of `exercise`; times are minutes since StartEx.

    Every method returns the number of its (first) event, counted from 1.
    """

    def __init__(self, exercise: Exercise, inject: str = "first") -> None:
        self.exercise = exercise
        self.inject = InjectId(inject)
        self.events: list[AnyEvent] = [
            ev.DrillStarted(at=m(0), scenario="example", seed=1, nodes=5, participants=4),
            ev.PhaseEntered(at=m(0), because="start", phase=PhaseId("notice"), level=2),
        ]

    def add(self, event: AnyEvent) -> int:
        """Append any event."""
        self.events.append(event)
        return len(self.events)

    def key(self, node: str) -> NoticeKey:
        """Return the notice of the current inject to `node`."""
        return self.inject, NodeId(node)

    def release(self, at: float = 0) -> int:
        """Release the current inject."""
        return self.add(ev.InjectReleased(at=m(at), inject=self.inject))

    def submit(self, node: str, at: float, officer: int = 1, attempt: int = 0, **more: Any) -> int:
        """Hand over a mail."""
        notice = self.key(node)
        values = {
            "purpose": "notice" if officer == 1 and attempt == 0 else "stand-in",
            "sender": self.exercise.scope(self.inject).sender[notice[1]],
            "recipient": f"o{officer}@{node}.example",
            "mail": f"{node}-{officer}-{attempt}",
        }
        return self.add(
            ev.Submitted(
                at=m(at), notice=notice, officer=officer, attempt=attempt, **(values | more)
            )
        )

    def notify(
        self, node: str, at: float, officer: int = 1, attempt: int = 0, lost: Any = ""
    ) -> int:
        """Have a server take it."""
        return self.add(
            ev.Notified(
                at=m(at),
                notice=self.key(node),
                officer=officer,
                attempt=attempt,
                mail=f"{node}-{officer}-{attempt}",
                lost=lost,
            )
        )

    def defer(self, node: str, at: float, tries: int, retry_at: float, officer: int = 1) -> int:
        """Have a server say "later", and have the mail handed over again."""
        about: dict[str, Any] = {
            "notice": self.key(node),
            "officer": officer,
            "attempt": 0,
            "mail": f"{node}-{officer}-0",
        }
        number = self.add(
            ev.Deferred(at=m(at), reply_code=451, tries=tries, retry_at=m(retry_at), **about)
        )
        self.add(ev.Retried(at=m(retry_at), tries=tries + 1, **about))
        return number

    def refuse(self, node: str, at: float, officer: int = 1, failure: Any = "refused") -> int:
        """Have a server say "no", or find no address."""
        return self.add(
            ev.Refused(
                at=m(at),
                notice=self.key(node),
                officer=officer,
                attempt=0,
                mail="" if failure == "no-address" else f"{node}-{officer}-0",
                reply_code=0 if failure == "no-address" else 550,
                failure=failure,
            )
        )

    def stand_in(self, node: str, at: float, officer: int = 2, by: Any = "mail") -> int:
        """Call in the next officer."""
        return self.add(
            ev.StandInCalled(
                at=m(at), notice=self.key(node), officer=officer, by=by, cause="no-answer"
            )
        )

    def auto_reply(self, node: str, at: float, officer: int = 1) -> int:
        """Have a mailbox say that its officer is away."""
        return self.add(ev.AutoReplied(at=m(at), notice=self.key(node), officer=officer))

    def bounce(self, node: str, at: float, officer: int = 1) -> int:
        """Have a delivery report come back."""
        return self.add(
            ev.Bounced(
                at=m(at), notice=self.key(node), officer=officer, status="5.1.1", permanent=True
            )
        )

    def decline(self, node: str, at: float, officer: int = 1) -> int:
        """Have a person answer that they cannot act."""
        return self.add(
            ev.Declined(at=m(at), notice=self.key(node), officer=officer, by=f"担当{officer}")
        )

    def ack(self, node: str, at: float, officer: int = 1, channel: Any = "mail") -> int:
        """Have a person acknowledge."""
        return self.add(
            ev.Acknowledged(
                at=m(at),
                notice=self.key(node),
                channel=channel,
                officer=officer,
                by=f"担当{officer}",
            )
        )

    def reach(self, node: str, at: float, ack_at: float) -> int:
        """Hand over a mail that arrives in six seconds, and have it acknowledged."""
        number = self.submit(node, at)
        self.notify(node, at + 0.1)
        self.ack(node, ack_at)
        return number

    def pass_on(self, node: str, at: float, *to: str, **more: Any) -> int:
        """Have a node write to next hops; their mails follow."""
        notice = self.key(node)
        asked = self.exercise.scope(self.inject).asked[notice[1]].pass_on
        number = self.add(
            ev.PassedOn(
                at=m(at),
                notice=notice,
                officer=1,
                to=tuple(NodeId(hop) for hop in to),
                left_out=tuple(hop for hop in asked if hop not in to),
                **more,
            )
        )
        for hop in to:
            self.submit(hop, at)
        return number

    def report(self, node: str, at: float, number: int = 1, **answers: str) -> int:
        """Have a node report."""
        given = tuple((name.replace("_", "-"), value) for name, value in answers.items())
        return self.add(
            ev.Reported(
                at=m(at),
                notice=self.key(node),
                channel="mail",
                officer=1,
                by="担当1",
                answers=given,
                number=number,
            )
        )

    def act(self, node: str, at: float, action: str) -> int:
        """Book a step of handling."""
        return self.add(ev.ActionDone(at=m(at), notice=self.key(node), action=action, by="統制者"))

    def end(self, at: float, reason: Any = "window", because: str = "") -> int:
        """End the drill; a final phase is entered because of `because`."""
        if reason == "final-phase":
            self.add(ev.PhaseEntered(at=m(at), because=because, phase=PhaseId("ended"), level=1))
        return self.add(ev.DrillEnded(at=m(at), reason=reason))
