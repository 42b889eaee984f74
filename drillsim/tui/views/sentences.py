"""Every event as a sentence that a controller can read, and what is about to fall due."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, assert_never

from drillsim.drill import events as ev
from drillsim.drill.events import AnyEvent
from drillsim.drill.exercise import Exercise
from drillsim.drill.tree import NodeId
from drillsim.evaluation.wording import call_word, channel_word, end_word, failure_word, fate_word
from drillsim.i18n import _, ngettext
from drillsim.text import clean_line
from drillsim.tui.views.clock import speed_text
from drillsim.tui.views.due import NextDue
from drillsim.tui.views.names import Names
from drillsim.tui.views.stream import REFUSED, Act, Happening
from drillsim.tui.views.times import time_of_day
from drillsim.tui.views.tone import Tone

_NOTE_MAX = 300


@dataclass(frozen=True, slots=True)
class StreamLine:
    """One event in words: when, a sign, the sentence; `node` is whom it is about, if anybody."""

    at: str
    sign: str
    text: str
    tone: Tone
    node: NodeId | None


def cause_word(cause: Literal["no-answer"] | ev.Failure) -> str:
    """Return why an officer was passed over, or a mail failed."""
    return _("no answer") if cause == "no-answer" else failure_word(cause)


def match_word(matched_by: str) -> str:
    """Return by what an answer was matched with its notice."""
    words = {
        "thread": _("by its thread"),
        "thread-and-sender": _("by its thread and its sender"),
        "plus-address": _("by the address it was sent to"),
        "subject-token": _("by the reference in its subject"),
        "body-token": _("by the reference in its text"),
        "only-open-notice": _("the only open notice of that sender"),
        "operator": _("by the operator"),
    }
    return words.get(matched_by, clean_line(matched_by))


def order_word(order: str) -> str:
    """Return what an operator ordered."""
    words = {
        "pause": _("pause"),
        "continue": _("go on"),
        "speed": _("speed"),
        "phase": _("on to the next phase"),
        "end": _("end the drill"),
        "stop": _("stop for a real incident"),
        "inject": _("send an extra inject"),
        "book": _("book an answer"),
        "note": _("note"),
        "action": _("book handling"),
        "credit": _("book a mail of the tray"),
        "seat": _("sit down at a seat"),
        "seat-leave": _("leave a seat"),
        "seat-stand-in": _("call in the stand-in"),
        "dismiss": _("take a mail out of the tray"),
        "fidelity": _("judge a fact"),
        "sent": _("mails were sent"),
        "arrived": _("a message has come from outside"),
        "pass-on": _("write the mails that pass it on"),
        "paste": _("an answer was pasted"),
    }
    return words.get(order, clean_line(order, limit=40))


class Sentences:
    """Tells events of one drill."""

    def __init__(self, exercise: Exercise, names: Names) -> None:
        self._exercise = exercise
        self._names = names

    def line(self, event: Happening) -> StreamLine:
        """Return `event` in words."""
        if isinstance(event, Act):
            return self._act(event)
        sign, text, tone = self._tell(event)
        if event.moment != event.at and (was := self.time(event.moment)) != self.time(event.at):
            text = _("{text}, at {time}").format(text=text, time=was)
        notice = getattr(event, "notice", None)
        node: NodeId | None = notice[1] if notice else getattr(event, "node", None)
        return StreamLine(self.time(event.at), sign, text, tone, node)

    def _act(self, act: Act) -> StreamLine:
        if act.order == REFUSED:
            why = clean_line(str(act.payload.get("why", "")), limit=200)
            refused = _("order refused: {why}").format(why=why)
            return StreamLine(self.time(act.at), "#", refused, "alarm", None)
        text = _("operator {by}: {order}").format(
            by=clean_line(act.by, limit=40), order=order_word(act.order)
        )
        if act.order == "speed":
            speed = act.payload.get("speed")
            number = speed if isinstance(speed, int | float) else None
            text += f" {speed_text(number)}"
        return StreamLine(self.time(act.at), "#", text, "control", None)

    def time(self, at: timedelta) -> str:
        """Return the time of day of `at`."""
        return time_of_day(self._exercise.when(at), self._exercise.start_ex)

    def _tell(self, event: AnyEvent) -> tuple[str, str, Tone]:
        match event:
            case (
                ev.DrillStarted()
                | ev.PhaseEntered()
                | ev.InjectWritten()
                | ev.InjectReleased()
                | ev.DrillEnded()
            ):
                return self._tell_course(event)
            case ev.Submitted() | ev.Retried() | ev.Notified() | ev.Reminded() | ev.StopSubmitted():
                return self._tell_mail(event)
            case ev.Deferred() | ev.Refused() | ev.Bounced() | ev.AutoReplied() | ev.Declined():
                return self._tell_failure(event)
            case ev.StandInCalled() | ev.CallDue() | ev.Called() | ev.GaveUp():
                return self._tell_search(event)
            case ev.SeatTaken() | ev.SeatLeft() | ev.Delivered():
                return self._tell_seat(event)
            case ev.AnswerSent() | ev.SetAside() | ev.ActionDone() | ev.Noted():
                return self._tell_rest(event)
            case ev.PassedOn() | ev.FidelityOverruled():
                return self._tell_passing_on(event)
            case _:
                return self._tell_answer(event)

    def _tell_course(
        self,
        event: ev.DrillStarted
        | ev.PhaseEntered
        | ev.InjectWritten
        | ev.InjectReleased
        | ev.DrillEnded,
    ) -> tuple[str, str, Tone]:
        match event:
            case ev.DrillStarted():
                text = _("drill started; {participants} of {nodes} bodies are to be reached")
                counts = text.format(participants=event.participants, nodes=event.nodes)
                return "=", counts, "control"
            case ev.PhaseEntered():
                text = _("phase “{phase}”, threat level {level}")
                return (
                    "=",
                    text.format(phase=self._names.phase(event.phase), level=event.level),
                    ("control"),
                )
            case ev.InjectWritten():
                text = _("message typed by {by}: “{subject}”")
                subject = clean_line(event.subject, limit=80)
                return "=", text.format(by=self._by(event), subject=subject), "control"
            case ev.InjectReleased():
                text = _("inject “{inject}” begins").format(inject=self._names.inject(event.inject))
                return "=", text, "control"
            case ev.DrillEnded():
                text = _("drill ended: {reason}").format(reason=end_word(event.reason))
                return "=", text, "strong"

    def _tell_mail(
        self, event: ev.Submitted | ev.Retried | ev.Notified | ev.Reminded | ev.StopSubmitted
    ) -> tuple[str, str, Tone]:
        match event:
            case ev.Submitted():
                texts = {
                    "notice": _("{node}: message written to {officer}"),
                    "reminder": _("{node}: reminder written to {officer}"),
                    "stand-in": _("{node}: message written to the stand-in {officer}"),
                    "report-reminder": _("{node}: asked {officer} for the report"),
                }
                return (
                    "✉",
                    self._fill(texts[event.purpose], event.notice[1], event.officer),
                    "muted",
                )
            case ev.Retried():
                text = _("{node}: deferred mail tried again").format(node=self._node(event))
                return "✉", text, "muted"
            case ev.Notified():
                text = _("{node}: mail accepted for {officer}")
                return "✉", self._fill(text, event.notice[1], event.officer), "muted"
            case ev.Reminded():
                texts = {
                    "acknowledgement": _("{node}: reminder, no acknowledgement yet"),
                    "report": _("{node}: reminder, no report yet"),
                }
                return "✉", texts[event.missing].format(node=self._node(event)), "late"
            case ev.StopSubmitted():
                text = _("{node}: stop mail written to {officer}")
                return "!", self._fill(text, event.node, event.officer), "alarm"

    def _tell_failure(
        self, event: ev.Deferred | ev.Refused | ev.Bounced | ev.AutoReplied | ev.Declined
    ) -> tuple[str, str, Tone]:
        node = self._node(event)
        match event:
            case ev.Deferred() if not event.reply_code:
                text = _("{node}: the mail server broke off, tried again at {time}")
                return "⚠", text.format(node=node, time=self.time(event.retry_at)), "late"
            case ev.Deferred():
                text = _("{node}: mail deferred by the server ({code}), tried again at {time}")
                when = self.time(event.retry_at)
                return "⚠", text.format(node=node, code=event.reply_code, time=when), "late"
            case ev.Refused():
                text = _("{node}: {officer} cannot be mailed ({cause})")
                filled = self._fill(text, event.notice[1], event.officer, cause_word(event.failure))
                return "⚠", filled, "alarm"
            case ev.Bounced():
                text = (
                    _("{node}: mail to {officer} came back ({cause})")
                    if event.permanent
                    else _("{node}: mail to {officer} could not be delivered in time ({cause})")
                )
                status = clean_line(event.status, limit=20)
                return "↩", self._fill(text, event.notice[1], event.officer, status), "alarm"
            case ev.AutoReplied():
                text = _("{node}: automatic reply of {officer}, not counted")
                return "↩", self._fill(text, event.notice[1], event.officer), "late"
            case ev.Declined():
                text = _("{node}: {by} answers that they cannot act")
                return "⚠", text.format(node=node, by=self._by(event)), "late"

    def _tell_search(
        self, event: ev.StandInCalled | ev.CallDue | ev.Called | ev.GaveUp
    ) -> tuple[str, str, Tone]:
        node = self._node(event)
        match event:
            case ev.StandInCalled():
                text = (
                    _("{node}: on to the stand-in {officer} by mail ({cause})")
                    if event.by == "mail"
                    else _("{node}: on to the stand-in {officer} by telephone ({cause})")
                )
                filled = self._fill(text, event.notice[1], event.officer, cause_word(event.cause))
                return "⚠", filled, "late"
            case ev.CallDue():
                return "✆", _("{node}: to be called by telephone").format(node=node), "alarm"
            case ev.Called():
                text = _("{node}: {channel} to {officer}: {result}")
                officer = self._names.officer(event.notice[1], event.officer) or _("the duty desk")
                filled = text.format(
                    node=node,
                    channel=channel_word(event.channel),
                    officer=officer,
                    result=call_word(event.result),
                )
                return "✆", filled, "busy"
            case ev.GaveUp():
                return "✘", _("{node}: unreachable, everyone was tried").format(node=node), "alarm"

    def _tell_answer(
        self,
        event: ev.Acknowledged | ev.Reported | ev.Repeated | ev.StopConfirmed | ev.AnsweredAfterEnd,
    ) -> tuple[str, str, Tone]:
        node = self._node(event)
        match event:
            case ev.Acknowledged():
                text = _("{node}: acknowledged by {by} ({channel})")
                how = channel_word(event.channel)
                return "✓", text.format(node=node, by=self._by(event), channel=how), "good"
            case ev.Reported():
                text = (
                    _("{node}: reported by {by} ({channel})")
                    if event.number == 1
                    else _("{node}: report no. {number} by {by} ({channel})")
                )
                how = channel_word(event.channel)
                filled = text.format(
                    node=node, by=self._by(event), channel=how, number=event.number
                )
                return "✎", filled, "good"
            case ev.Repeated():
                text = (
                    _("{node}: the same answer again, counted once")
                    if event.identical
                    else _("{node}: a further answer by {by}, kept")
                )
                return "↩", text.format(node=node, by=self._by(event)), "muted"
            case ev.StopConfirmed():
                text = _("{node}: stop confirmed by {by}")
                return "✓", text.format(node=node, by=self._by(event)), "good"
            case ev.AnsweredAfterEnd():
                text = _("{node}: answer after the end by {by}, kept, not counted")
                return "↩", text.format(node=node, by=self._by(event)), "muted"
            case _:
                assert_never(event)

    def _tell_seat(self, event: ev.SeatTaken | ev.SeatLeft | ev.Delivered) -> tuple[str, str, Tone]:
        if isinstance(event, ev.Delivered):
            text = _("mail of {sender} to {bodies}")
            bodies = ", ".join(self._names.node(node) for node in event.to[:3])
            sender = clean_line(event.sender, limit=80)
            return "✉", text.format(sender=sender, bodies=bodies), "muted"
        text = (
            _("{node}: {by} sits here from now on; nobody is simulated")
            if isinstance(event, ev.SeatTaken)
            else _("{node}: {by} has left the seat; simulated officers go on")
        )
        return "@", text.format(node=self._node(event), by=self._by(event)), "control"

    def _tell_passing_on(self, event: ev.PassedOn | ev.FidelityOverruled) -> tuple[str, str, Tone]:
        node = self._node(event)
        if isinstance(event, ev.FidelityOverruled):
            text = _("{node}: {by} judges “{fact}”: {fate}")
            fact = clean_line(event.fact, limit=40)
            fate = fate_word(event.fate)
            filled = text.format(node=node, by=self._by(event), fact=fact, fate=fate)
            return "#", filled, "control"
        if event.by_hand:
            count = len(event.to)
            text = ngettext(
                "{node}: the mail to pass it on to {count} is to be sent",
                "{node}: the mails to pass it on to {count} are to be sent",
                1 if event.one_mail else count,
            )
            return "»", text.format(node=node, count=count), "busy"
        text = (
            _("{node}: passed on to {count}, left out: {left_out}")
            if event.left_out
            else _("{node}: passed on to {count}")
        )
        left_out = ", ".join(self._names.node(n) for n in event.left_out[:3])
        filled = text.format(node=node, count=len(event.to), left_out=left_out)
        spoilt = [
            f"{clean_line(name, limit=40)} {fate_word(fate)}"
            for name, fate, _found in event.facts
            if fate != "kept"
        ]
        if spoilt:
            filled += " " + _("[facts: {facts}]").format(facts=", ".join(spoilt))
        if event.unmarked:
            unmarked = _(
                "{node}: PASSED ON WITHOUT 【訓練】: readers may take it for the real thing"
            )
            return "!", f"{unmarked.format(node=node)} ({filled})", "alarm"
        return "»", filled, "late" if event.left_out or spoilt else "good"

    def _tell_rest(
        self, event: ev.AnswerSent | ev.SetAside | ev.ActionDone | ev.Noted
    ) -> tuple[str, str, Tone]:
        match event:
            case ev.AnswerSent():
                return (
                    " ",
                    _("{node}: an answer is under way").format(node=self._node(event)),
                    ("muted"),
                )
            case ev.SetAside():
                if event.why == "unreadable-file":
                    text = _("mail of {sender}: its file cannot be read, it lies in the tray")
                elif event.why == "operator":
                    text = _("mail of {sender} taken out of the tray, no answer")
                elif event.tray:
                    text = _("mail of {sender} lies in the tray")
                else:
                    text = _("mail of {sender} set aside, no answer")
                sender = clean_line(event.sender, limit=80)
                return "?", text.format(sender=sender), "late" if event.tray else "muted"
            case ev.ActionDone():
                text = _("{node}: done: {action} ({by})")
                action = clean_line(event.action, limit=80)
                filled = text.format(node=self._node(event), action=action, by=self._by(event))
                return "*", filled, "good"
            case ev.Noted():
                note = clean_line(event.text, limit=_NOTE_MAX)
                if event.notice is None:
                    return (
                        "#",
                        _("note: {note} ({by})").format(note=note, by=self._by(event)),
                        ("control"),
                    )
                text = _("{node}: note: {note} ({by})")
                filled = text.format(node=self._node(event), note=note, by=self._by(event))
                return "#", filled, "control"

    def _node(self, event: AnyEvent) -> str:
        notice = getattr(event, "notice", None)
        return self._names.node(notice[1] if notice else event.node)  # type: ignore[union-attr]

    def _by(self, event: AnyEvent) -> str:
        by = clean_line(getattr(event, "by", ""), limit=80)
        return by or _("somebody")

    def _fill(self, text: str, node: NodeId, officer: int, cause: str = "") -> str:
        return text.format(
            node=self._names.node(node),
            officer=self._names.officer(node, officer) or _("nobody"),
            cause=cause,
        )

    def due(self, due: NextDue) -> str:
        """Return in words what falls due."""
        text = _ACTS[due.act]()
        inject = self._names.inject(due.inject) if due.inject is not None else ""
        if not due.nodes:
            return text.format(inject=inject)
        who = self._names.node(due.nodes[0])
        if len(due.nodes) > 1:
            who = _("{node} and {count} more").format(node=who, count=len(due.nodes) - 1)
        return _("{what}: {who}").format(what=text, who=who)


_ACTS = {
    "remind": lambda: _("reminder if nothing has come"),
    "remind-report": lambda: _("reminder of the report"),
    "stand-in": lambda: _("on to the stand-in"),
    "call": lambda: _("on the call list"),
    "give-up": lambda: _("given up"),
    "retry": lambda: _("deferred mail tried again"),
    "ack-by": lambda: _("acknowledgement due"),
    "pass-on-by": lambda: _("passing on due"),
    "report-by": lambda: _("report due"),
    "send": lambda: _("inject “{inject}” is sent"),
    "check": lambda: _("the phase may change"),
    "window": lambda: _("the window closes: end of the drill"),
}
"""What each act of the rules is called; looked up when shown, in the language in use then."""
