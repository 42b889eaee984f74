"""The section 添付: every body's times, the course, the texts, what to mend, SNAA, log, journal."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import get_args

from drillsim.drill import events as ev
from drillsim.drill.events import AnyEvent
from drillsim.drill.exercise import Exercise
from drillsim.drill.kinds import kind_word, kinds_words
from drillsim.drill.tree import NodeId
from drillsim.evaluation.evaluation import Evaluation
from drillsim.evaluation.timeline import Hop
from drillsim.evaluation.wording import (
    apart_word,
    call_word,
    channel_word,
    end_word,
    failure_word,
    how_word,
    inject_name,
    node_name,
)
from drillsim.i18n import _
from drillsim.reports.cells import body, numbers, when
from drillsim.reports.drill_record import DrillRecord
from drillsim.reports.improvements import Improvement
from drillsim.reports.pictures import result_of
from drillsim.reports.rating import points_table
from drillsim.reports.redaction import people_mask
from drillsim.reports.view import Block, Column, Heading, Row, Table, Text
from drillsim.reports.wording import bracketed, date_time, names_words, number_words, result_word
from drillsim.text import clean_line

COURSE_MAX = 500
"""Lines of the course; of a longer one what concerns single bodies is left out."""
FOLD_FROM = 400
"""A table of bodies with more rows than this is folded by the body that they lie below."""
_NOTE_MAX = 500
CHANNELS: tuple[ev.Channel, ...] = get_args(ev.Channel)


def annexes(drill: DrillRecord, items: Sequence[Improvement]) -> Iterator[Block]:
    """Yield the blocks of the section."""
    evaluation = drill.evaluation
    yield Heading(text=_("Results per body"))
    yield bodies_table(evaluation)
    points = points_table(evaluation)
    if points.rows:
        yield Heading(text=_("Score in detail"))
        yield points
    yield Heading(text=_("Course of the drill"))
    yield course_table(drill)
    mend = contacts_table(drill.exercise, items)
    if mend.rows:
        yield Heading(text=_("Contacts to be corrected"))
        yield mend
    if drill.sent:
        yield Heading(text=_("Texts that were sent"), is_private=True)
        yield from _texts(drill)
    yield Heading(text=_("Call-down form (CDC SNAA)"))
    yield snaa_table(drill)
    log = log_table(drill)
    if log.rows:
        yield Heading(text=_("Operator's log"), is_private=True)
        yield log
    yield Heading(text=_("Journal"))
    yield journal_table(drill)


# Every body ---------------------------------------------------------------------------------------


def bodies_table(evaluation: Evaluation) -> Table:
    """Return every body's times, message by message; messages for information alone are left out.

    A long table is folded by the body above.
    """
    timeline = evaluation.timeline
    exercise = timeline.exercise
    hops = [hop for hop in timeline.hops.values() if hop.asked.acknowledge or hop.asked.report]
    groups: tuple[tuple[str, int], ...] = ()
    if len(hops) > FOLD_FROM:
        by_sender: dict[NodeId, list[Hop]] = {}
        for hop in hops:
            by_sender.setdefault(hop.sender, []).append(hop)
        hops = [hop for each in by_sender.values() for hop in each]
        groups = tuple(
            (_fold_heading(evaluation, sender, each), len(each))
            for sender, each in by_sender.items()
        )
    return Table(
        id="bodies",
        title=_("Results per body"),
        columns=(
            Column(_("message")),
            Column(_("body"), "body"),
            Column(_("written to by"), "body"),
            Column(_("notified"), "time"),
            Column(_("acknowledged"), "time"),
            Column(_("transit"), "length"),
            Column(_("waiting"), "length"),
            Column(_("until passed on"), "length"),
            Column(_("until reported"), "length"),
            Column(_("reported"), "time"),
            Column(_("by")),
            Column(_("result")),
            Column(_("reminders"), "count"),
            Column(_("stand-ins"), "count"),
            Column(_("calls"), "count"),
        ),
        rows=tuple(_body_row(evaluation, exercise, hop) for hop in hops),
        groups=groups,
        is_in_tree_order=True,
        note=_(
            "Transit: from the first mail until a server took it. Waiting: from then until a "
            "person answered. The other two count from that answer."
        ),
    )


def _fold_heading(evaluation: Evaluation, sender: NodeId, hops: Sequence[Hop]) -> str:
    asked = [hop for hop in hops if hop.asked.acknowledge]
    return _("{node}: acknowledged {n} of {of}").format(
        node=node_name(evaluation.timeline.exercise, sender),
        n=sum(hop.is_acknowledged for hop in asked),
        of=len(asked),
    )


def _body_row(evaluation: Evaluation, exercise: Exercise, hop: Hop) -> Row:
    duty = evaluation.duties.get((hop.notice, "acknowledge"))
    return (
        inject_name(exercise, hop.inject),
        body(exercise, hop.node),
        body(exercise, hop.sender),
        when(exercise, hop.notified_at),
        when(exercise, hop.acknowledged_at),
        hop.transit,
        hop.waiting,
        hop.handling,
        hop.reporting,
        when(exercise, hop.reported_at),
        how_word(hop),
        result_word(result_of(hop, duty)) if hop.asked.acknowledge else "",
        hop.reminders,
        hop.stand_ins,
        hop.calls,
    )


# The course ---------------------------------------------------------------------------------------


def course_table(drill: DrillRecord) -> Table:
    """Return the course of the drill (経過): what began, went wrong, was passed on, and ended."""
    told = [
        (number, event, line)
        for number, event in enumerate(drill.events, 1)
        if (line := _told(drill, event)) is not None
    ]
    note = ""
    if len(told) > COURSE_MAX:
        short = [each for each in told if not hasattr(each[1], "notice") or _is_passing_on(each[1])]
        note = _("{n} lines about single bodies are left out; the export of the drill has all.")
        note = note.format(n=len(told) - len(short))
        told = short
    told.sort(key=lambda each: each[1].moment)  # What was booked later stands where it happened.
    exercise = drill.exercise
    rows: list[Row] = []
    for number, event, (what, about, detail) in told:
        cell = body(exercise, about) if about is not None else None
        rows.append((exercise.when(event.moment), what, cell, detail, numbers((number,))))
    return Table(
        id="course",
        title=_("Course of the drill"),
        columns=(
            Column(_("time"), "time"),
            Column(_("what happened")),
            Column(_("body"), "body"),
            Column(_("details")),
            Column(_("event"), "events"),
        ),
        rows=tuple(rows),
        note=note,
    )


def _is_passing_on(event: AnyEvent) -> bool:
    return isinstance(event, ev.PassedOn)


Told = tuple[str, NodeId | None, str]


def _told(drill: DrillRecord, event: AnyEvent) -> Told | None:
    """Return what happened, to whom, and details; None for what the other tables have."""
    return _told_course(drill, event) or _told_body(drill, event)


def _told_course(drill: DrillRecord, event: AnyEvent) -> Told | None:
    exercise = drill.exercise
    match event:
        case ev.DrillStarted():
            return _("drill started"), None, ""
        case ev.PhaseEntered():
            state = exercise.scenario.phases.states.get(event.phase)
            name = clean_line((state.title if state is not None else "") or event.phase)
            level = _("threat level {level}").format(level=number_words(event.level))
            return _("phase begun"), None, bracketed(name, level)
        case ev.InjectReleased():
            return _("message begun"), None, inject_name(exercise, event.inject)
        case ev.DrillEnded():
            return _("drill ended"), None, end_word(event.reason)
        case _:
            return None


def _told_body(drill: DrillRecord, event: AnyEvent) -> Told | None:
    exercise = drill.exercise
    notice = getattr(event, "notice", None)
    if notice is None:
        return None
    node: NodeId = notice[1]
    inject = inject_name(exercise, notice[0])
    match event:
        case ev.PassedOn():
            detail = _("{inject}, to {n}").format(inject=inject, n=number_words(len(event.to)))
            if event.left_out:
                names = names_words([node_name(exercise, n) for n in event.left_out])
                detail = _("{detail}; left out: {names}").format(detail=detail, names=names)
            what = _("mails to pass it on written") if event.by_hand else _("passed on")
            return what, node, detail
        case ev.Deferred() if event.tries == 1:
            return _("mail deferred by the server"), node, inject
        case ev.Refused():
            return _("mail refused"), node, bracketed(inject, failure_word(event.failure))
        case ev.Bounced() if event.permanent:
            return _("mail came back"), node, inject
        case ev.AutoReplied():
            return _("automatic reply: nobody there"), node, inject
        case ev.Declined():
            return _("answered that they cannot act"), node, inject
        case ev.StandInCalled():
            return _("stand-in called in"), node, inject
        case ev.Called():
            result = call_word(event.result)
            return channel_word(event.channel), node, bracketed(inject, result)
        case ev.GaveUp():
            return _("unreachable: everyone was tried"), node, inject
        case ev.AnsweredAfterEnd():
            return _("answered after the end"), node, inject
        case _:
            return None


# Texts, contacts, log -----------------------------------------------------------------------------


def _texts(drill: DrillRecord) -> Iterator[Block]:
    """Yield the texts as they were sent, but for the persons and numbers in them."""
    exercise = drill.exercise
    mask = people_mask(exercise.tree)
    for sent in drill.sent:
        name = inject_name(exercise, sent.inject)
        sender = node_name(exercise, sent.sender)
        said = (
            _("{inject}, as {sender} passed it on")
            if sent.is_passed_on
            else _("{inject}, {sender}")
        )
        title = said.format(inject=name, sender=sender)
        subject = _("Subject: {subject}").format(subject=sent.subject)
        text = mask(f"{title}\n{subject}\n\n{sent.body}")
        yield Text(text=text, style="prose", is_private=True)


def contacts_table(exercise: Exercise, items: Sequence[Improvement]) -> Table:
    """Return which bodies' contacts are to be corrected, and why (連絡先の修正事項)."""
    return Table(
        id="contacts",
        title=_("Contacts to be corrected"),
        columns=(
            Column(_("body"), "body"),
            Column(_("what was found")),
            Column(_("what to do")),
            Column(_("done on"), "blank"),
        ),
        rows=tuple(
            (body(exercise, node), _found_at_body(item), item.action, "")
            for item in items
            if item.area == "contacts"
            for node in item.nodes
        ),
        is_in_tree_order=True,
    )


def _found_at_body(item: Improvement) -> str:
    """Return what was found, as it is said of one body."""
    return {
        "dead-address": _("Mail to an address could not be delivered."),
        "stale-entry": _("The contacts have not been confirmed since staff moved on 1 April."),
        "unlisted": _("Somebody answered who is not on the list."),
        "wrong-number": _("A telephone number was wrong."),
        "no-stand-in": _("It could not be reached because nobody stood in."),
        "absence": _("An officer was away, and somebody else had to step in."),
    }.get(item.kind, item.finding)


def log_table(drill: DrillRecord) -> Table:
    """Return the operator's remarks and what was booked by hand."""
    exercise = drill.exercise
    rows: list[Row] = []
    for event in sorted(drill.events, key=lambda event: event.moment):
        if isinstance(event, ev.Noted):
            node = event.notice[1] if event.notice is not None else None
            cell = body(exercise, node) if node is not None else None
            text = clean_line(event.text, limit=_NOTE_MAX)
            rows.append((exercise.when(event.moment), _("remark"), cell, text))
        elif isinstance(event, ev.ActionDone):
            cell = body(exercise, event.notice[1])
            rows.append(
                (exercise.when(event.moment), _("handling"), cell, clean_line(event.action))
            )
    return Table(
        id="log",
        title=_("Operator's log"),
        columns=(
            Column(_("time"), "time"),
            Column(_("kind")),
            Column(_("body"), "body"),
            Column(_("remark")),
        ),
        rows=tuple(rows),
        is_private=True,
    )


# The form, the journal ----------------------------------------------------------------------------


def snaa_table(drill: DrillRecord) -> Table:
    """Return the fields of the call-down form of CDC's SNAA (DOMAIN, section 3)."""
    timeline, exercise = drill.evaluation.timeline, drill.exercise
    hops = [hop for hop in timeline.hops.values() if hop.asked.acknowledge]
    notified = [hop.submitted_at for hop in hops if hop.submitted_at is not None]
    answered = [hop.acknowledged_at for hop in hops if hop.acknowledged_at is not None]
    reached = drill.evaluation.reach.reached
    channels = {hop.channel for hop in hops if hop.channel is not None}
    by_hand = bool(channels - {"mail"})

    def at(times: Sequence[timedelta], choose: str) -> str:
        if not times:
            return "–"
        return date_time(exercise.when(min(times) if choose == "first" else max(times)))

    fields = [
        (_("start"), date_time(exercise.start_ex)),
        (_("end"), date_time(exercise.when(timeline.now))),
        (_("part of a larger exercise"), ""),
        (
            _("real or exercise"),
            _("exercise, with simulated people") if drill.mode == "rehearsal" else _("exercise"),
        ),
        (_("notice given beforehand"), announcement_words(exercise)),
        (
            _("platforms"),
            _(", ").join(channel_word(each) for each in CHANNELS if each in channels)
            or channel_word("mail"),
        ),
        (
            _("process"),
            _("hybrid: mail, and by hand") if by_hand else _("automated"),
        ),
        (_("first notified"), at(notified, "first")),
        (_("last notified"), at(notified, "last")),
        (_("last acknowledgement"), at(answered, "last")),
        (_("number listed"), str(reached.of)),
        (_("number acknowledged"), str(reached.count)),
    ]
    return Table(
        id="snaa",
        title=_("Call-down form (CDC SNAA)"),
        columns=(Column(_("field")), Column(_("entry"))),
        rows=tuple(fields),
        note=_("An answer after the window counts as no answer (question 10)."),
    )


def journal_table(drill: DrillRecord) -> Table:
    """Return by what the record of the drill can be checked."""
    state = _("sealed") if drill.is_sealed else _("not sealed: the drill has not ended")
    return Table(
        id="journal",
        title=_("Journal"),
        columns=(Column(_("field")), Column(_("entry"))),
        rows=(
            (_("drill"), drill.name),
            (_("records"), str(drill.count)),
            (_("head"), drill.head),
            (_("digest"), drill.digest),
            (_("state"), state),
        ),
        note=_("drillsim verify checks the file of the drill against this head."),
    )


def announcement_words(exercise: Exercise) -> str:
    """Return what the participants were told beforehand (予告)."""
    return {
        "full": _("day and hour announced"),
        "date-only": _("day announced"),
        "none": _("not announced"),
    }[exercise.scenario.announcement]


def participants_table(exercise: Exercise) -> Table:
    """Return who takes part, tier by tier."""
    kinds = dict.fromkeys(node.kind for node in exercise.tree.nodes)
    rows: list[Row] = []
    for kind in kinds:
        nodes = [node.id for node in exercise.tree.nodes if node.kind == kind]
        rows.append(
            (
                kind_word(kind),
                len(nodes),
                sum(node in exercise.participants for node in nodes),
                sum(node in exercise.to_be_reached for node in nodes),
            )
        )
    return Table(
        id="participants",
        title=_("Who takes part"),
        columns=(
            Column(_("tier")),
            Column(_("in the contact tree"), "count"),
            Column(_("takes part"), "count"),
            Column(_("to be reached"), "count"),
        ),
        rows=tuple(rows),
    )


def apart_table(evaluation: Evaluation) -> Table:
    """Return the bodies that are not counted, with the reason."""
    exercise = evaluation.timeline.exercise
    return Table(
        id="apart",
        title=_("Not counted"),
        columns=(Column(_("body"), "body"), Column(_("why")), Column(_("reason"), is_private=True)),
        rows=tuple(
            (body(exercise, apart.node), apart_word(apart.why), clean_line(apart.reason))
            for apart in evaluation.reach.apart
        ),
        is_in_tree_order=True,
    )


def tiers_words(exercise: Exercise) -> str:
    """Return how many bodies of each kind are to be reached: 県１、市町19."""
    counts: dict[str, int] = {}
    for node in exercise.tree.nodes:
        if node.id in exercise.to_be_reached:
            word = kinds_words(node.kind)
            counts[word] = counts.get(word, 0) + 1
    return _(", ").join(
        _("{n} {bodies}").format(n=number_words(n), bodies=word) for word, n in counts.items()
    )
