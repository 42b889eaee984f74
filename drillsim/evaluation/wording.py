"""The words for what an evaluation found, in the language in use."""

from dataclasses import dataclass
from datetime import timedelta

from drillsim.drill import events as ev
from drillsim.drill import kinds
from drillsim.drill.exercise import Exercise
from drillsim.drill.scenario import InjectId, Objective
from drillsim.drill.tree import NodeId, NodeKind
from drillsim.evaluation.causes import Cause, Missed
from drillsim.evaluation.duties import Excuse
from drillsim.evaluation.path import CriticalPath, SegmentKind, Stay
from drillsim.evaluation.rate import Rate
from drillsim.evaluation.reach import ApartWhy
from drillsim.evaluation.rubric import Rating
from drillsim.evaluation.timeline import Hop
from drillsim.i18n import _
from drillsim.text import clean_line

NAME_MAX = 100
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What happened to an inject in one tier: what the sentence says, as data."""

    inject: InjectId
    kind: NodeKind
    confirmed: Rate
    length: timedelta | None
    """From the release to the tier's last acknowledgement; None where there was none."""
    stay: Stay | None
    """Where on the tier's path it lay longest."""

    def sentence(self, exercise: Exercise) -> str:
        """Return it in words: "municipality: 17 of 19 in 22 min; 14 min of them lay at …"."""
        said = _("{tier}: {n} of {of}").format(
            tier=kind_word(self.kind), n=self.confirmed.count, of=self.confirmed.of
        )
        if self.length is None or self.stay is None:
            return said
        if self.stay.is_on_the_way:
            where = _("{count} in {length}; {stay} of them on the way to {node}")
        else:
            where = _("{count} in {length}; {stay} of them lay at {node}")
        return where.format(
            count=said,
            length=length_words(self.length),
            stay=length_words(self.stay.length),
            node=node_name(exercise, self.stay.node),
        )


kind_word = kinds.kind_word
kinds_words = kinds.kinds_words


def finding_of(
    inject: InjectId, kind: NodeKind, confirmed: Rate, path: CriticalPath | None
) -> Finding:
    """Return what happened to an inject in one tier, whose slowest chain is `path`."""
    return Finding(
        inject=inject,
        kind=kind,
        confirmed=confirmed,
        length=path.length if path is not None else None,
        stay=path.slowest if path is not None else None,
    )


def length_words(length: timedelta) -> str:
    """Return `length` in words: minutes up to 100, then hours up to 48, then days; rounded."""
    minutes = whole_minutes(length)
    if minutes < 100:
        return _("{n} min").format(n=minutes)
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return _("{hours} h {minutes} min").format(hours=hours, minutes=minutes)
    days, hours = divmod(hours + (minutes >= 30), 24)
    return _("{days} days {hours} h").format(days=days, hours=hours)


def whole_minutes(length: timedelta) -> int:
    """Return `length` in whole minutes, a begun half minute counting as one."""
    return (length + _MINUTE / 2) // _MINUTE


def node_name(exercise: Exercise, node: NodeId) -> str:
    """Return the name of a node, safe to show."""
    known = exercise.tree.by_id.get(node)
    return clean_line(known.name if known is not None else node, limit=NAME_MAX)


def inject_name(exercise: Exercise, inject: InjectId) -> str:
    """Return the title of an inject, or its subject, safe to show."""
    if inject not in exercise.order:
        return clean_line(inject)
    known = exercise.inject(inject)
    return clean_line(known.title or known.subject, limit=NAME_MAX)


def cause_word(cause: Cause) -> str:
    """Return the words for a cause."""
    return {
        "no-address": _("no address"),
        "bounced": _("mail could not be delivered"),
        "absent": _("absent, and no stand-in"),
        "not-passed-on": _("acknowledged, but not passed on"),
        "no-answer": _("no answer"),
        "not-notified": _("not notified by the node above"),
        "machine-fault": _("fault of the machines (set by the scenario)"),
        "not-reported": _("acknowledged, but not reported"),
        "not-due": _("the drill ended before its time was up"),
        "other": _("other"),
    }[cause]


def failure_word(failure: ev.Failure) -> str:
    """Return the words for what stopped a mail, or an officer."""
    return {
        "no-address": _("no address"),
        "unknown-address": _("unknown address"),
        "mailbox-full": _("mailbox full"),
        "refused": _("refused by the server"),
        "bounced": _("returned"),
        "absent": _("absent"),
        "declined": _("cannot act"),
    }[failure]


def missed_word(what: Missed) -> str:
    """Return the word for what did not come."""
    return {
        "delivery": _("delivery"),
        "acknowledge": _("acknowledgement"),
        "pass-on": _("passing on"),
        "report": _("report"),
    }[what]


def excuse_word(excuse: Excuse) -> str:
    """Return why something is not charged, or ""."""
    return {
        "": "",
        "fault": _("not charged: machine fault"),
        "not-due": _("not charged: not due yet"),
        "not-sent": _("not charged: its mail was not sent"),
    }[excuse]


def apart_word(why: ApartWhy) -> str:
    """Return why a node is not counted."""
    return {
        "no-participant": _("takes no part"),
        "behind-no-participant": _("below a node that takes no part"),
        "not-sent": _("nothing was sent to it"),
    }[why]


def segment_word(kind: SegmentKind) -> str:
    """Return what went on in a segment of a path."""
    return {
        "sending": _("until sent"),
        "transit": _("on the way"),
        "waiting": _("waiting for an answer"),
        "handling": _("until passed on"),
        "reporting": _("until reported"),
        "collecting": _("putting reports together"),
        "cut-off": _("until the cut-off"),
    }[kind]


def how_word(hop: Hop) -> str:
    """Return by what way a hop answered, and whether it was a person at a seat; "" for none."""
    if hop.channel is None:
        return ""
    way = channel_word(hop.channel)
    return _("{way} (a person at a seat)").format(way=way) if hop.by_person else way


def channel_word(channel: ev.Channel) -> str:
    """Return the word for a channel."""
    return {
        "mail": _("mail"),
        "telephone": _("telephone"),
        "fax": _("fax"),
        "visit": _("visit"),
    }[channel]


def call_word(result: ev.CallResult) -> str:
    """Return how a call ended."""
    return {
        "talked": _("talked"),
        "message": _("message left"),
        "voicemail": _("voicemail"),
        "busy": _("busy"),
        "absent": _("nobody there"),
        "wrong-number": _("wrong number"),
    }[result]


def end_word(reason: ev.EndReason) -> str:
    """Return why a drill ended."""
    return {
        "final-phase": _("final phase reached"),
        "window": _("the window has closed"),
        "operator": _("ended by the operator"),
        "real-incident": _("stopped for a real incident"),
    }[reason]


def objective_word(objective: Objective) -> str:
    """Return the word for an objective."""
    return {"reach": _("reach"), "report": _("report back"), "handle": _("handle")}[objective]


def criterion_word(name: str) -> str:
    """Return the word for a criterion of the score; its name where there is none."""
    return {
        "acknowledge": _("acknowledged in time"),
        "pass-on": _("passed on in time"),
        "report": _("reported in time"),
        "answers": _("answers as expected"),
        "actions": _("actions done"),
    }.get(name, clean_line(name))


def rating_word(rating: Rating) -> str:
    """Return the words for a rating (達成／おおむね達成／一部未達／未達)."""
    return {
        "P": _("achieved"),
        "S": _("largely achieved"),
        "M": _("partly not achieved"),
        "U": _("not achieved"),
    }[rating]


def fate_word(fate: ev.Fate) -> str:
    """Return what became of a fact."""
    return {"kept": _("kept"), "changed": _("changed"), "lost": _("left out")}[fate]
