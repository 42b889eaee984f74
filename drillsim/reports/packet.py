"""The approval packet of a drill (決裁用): 実施要領, timetable, texts, recipients, FAX, telephone.

All that whoever approves a drill wants to see, in one Word document that an office goes on
editing. The recipients are personal data: every page is marked so, unless the packet is redacted.
"""

from collections.abc import Iterator
from dataclasses import replace

from drillsim.drill.durations import Period
from drillsim.drill.injects import Inject
from drillsim.drill.kinds import kind_word
from drillsim.drill.marks import MARK, SENTENCE
from drillsim.drill.tree import NodeId, NodeKind
from drillsim.evaluation.wording import (
    apart_word,
    inject_name,
    node_name,
    objective_word,
)
from drillsim.files.redaction import redacted
from drillsim.i18n import _, language, ngettext
from drillsim.mail.standard_texts import STOP_TELEPHONE, TELEPHONE
from drillsim.reports.annexes import announcement_words
from drillsim.reports.plan import Plan, PlannedApart
from drillsim.reports.plan_rows import NOTHING, plan_table, plan_time
from drillsim.reports.planned_mails import NO_REFERENCE, PlannedMail, PlannedMails
from drillsim.reports.redaction import people_mask
from drillsim.reports.word import WordPaper
from drillsim.reports.wording import (
    bracketed,
    date_time,
    length_words,
    names_words,
    number_words,
    time_after,
)
from drillsim.text import clean_line

_BLANK_CALLS = 12
"""Empty rows of the sheet for calls."""
_WRITE_HERE = "　" * 12


def packet(plan: Plan, *, seed: int | None = None, redact: bool = False) -> bytes:
    """Return the approval packet as docx, in the language in use.

    Args:
        plan: the drill.
        seed: of the rehearsal whose 整理番号 are printed; blank ones without it.
        redact: name bodies alone, for those outside.
    """
    exercise = plan.exercise
    if redact:
        exercise = replace(exercise, tree=redacted(exercise.tree), _scopes={})
    return _Packet(plan, PlannedMails(plan, exercise, seed), redact=redact).written()


class _Packet:
    """Writes one packet."""

    def __init__(self, plan: Plan, mails: PlannedMails, *, redact: bool) -> None:
        self._plan, self._mails, self._redact = plan, mails, redact
        self._exercise = plan.exercise
        self._scenario = plan.exercise.scenario
        self._section = self._annex = 0
        self._paper = WordPaper(
            language(),
            self._scenario.title,
            foot=self._scenario.title,
            mark="" if redact else _("Handle with care: holds personal data"),
            # What was typed into the scenario may name a person too.
            mask=people_mask(plan.exercise.tree) if redact else str,
        )

    def written(self) -> bytes:
        paper = self._paper
        paper.title(self._scenario.title, _("Plan of the drill (for approval)"))
        self._decided()
        self._outline()
        self._timetables()
        self._stopping()
        self._to_know()
        self._recipients()
        self._texts()
        self._fax_sheets()
        self._references()
        self._telephone()
        return paper.as_bytes()

    # The plan ---------------------------------------------------------------------------------

    def _heading(self, text: str) -> None:
        self._section += 1
        if language() == "ja":
            self._paper.heading(f"{number_words(self._section)}　{text}")
        else:
            self._paper.heading(f"{self._section}. {text}")

    def _annex_heading(self, text: str) -> None:
        self._annex += 1
        self._paper.new_page()
        number = number_words(self._annex)
        self._paper.heading(_("Annex {n}: {title}").format(n=number, title=text))

    def _decided(self) -> None:
        """Leave room for what an office decides itself."""
        rows = [
            (_("drafted on"), "", _("approved on"), ""),
            (_("controller of the drill"), "", _("who decides to stop it"), ""),
        ]
        self._paper.table((), rows, shares=(2, 3, 2, 3), tall=True)

    def _outline(self) -> None:
        paper, scenario, exercise = self._paper, self._scenario, self._exercise
        if scenario.purpose.strip():
            self._heading(_("Purpose"))
            paper.prose(scenario.purpose)
        self._heading(_("Date and time"))
        start, end = exercise.start_ex, exercise.when(exercise.window_at)
        paper.text(
            _("{start} to {end} at the latest ({notice})").format(
                start=date_time(start),
                end=time_after(end, start),
                notice=announcement_words(exercise),
            )
        )
        hours = (
            _("The contacts for nights and holidays are used.")
            if exercise.off_hours
            else _("The contacts for office hours are used.")
        )
        paper.text(hours)
        self._heading(_("Participants"))
        self._participants()
        if scenario.story.strip() or scenario.incident.summary:
            self._heading(_("Story"))
            kind = {"misuse": _("misuse"), "fault": _("fault")}[scenario.incident.kind]
            summary = clean_line(scenario.incident.summary)
            paper.text(_("Kind: {kind}").format(kind=bracketed(kind, summary) if summary else kind))
            paper.prose(scenario.story)
        self._heading(_("Method"))
        for line in self._method():
            paper.text(line)

    def _participants(self) -> None:
        plan = self._plan
        count = len(plan.ladders)
        self._paper.text(
            ngettext("{n} body is to be reached.", "{n} bodies are to be reached.", count).format(
                n=number_words(count)
            )
        )
        rows = [
            (
                kind_word(tier.kind),
                str(tier.nodes),
                *(
                    f"{part}/{tier.nodes}"
                    for part in (tier.by_mail, tier.stand_in_by_mail, tier.by_telephone)
                ),
            )
            for tier in plan.tiers
        ]
        head = (
            _("to be reached"),
            _("bodies"),
            _("by mail"),
            _("stand-in by mail"),
            _("by telephone"),
        )
        self._paper.table(head, rows, right=(1, 2, 3, 4))
        if plan.apart:
            self._paper.text(_("Not reached by this drill"))
            for each in plan.apart:
                self._paper.item(f"{self._name(each.node)}: {_why_apart(each)}")

    def _method(self) -> Iterator[str]:
        plan, expected = self._plan, self._plan.expectation
        kinds = "⇔".join(dict.fromkeys(kind_word(k) for k in self._kinds()))
        yield _("Messages go by e-mail along the contact tree ({kinds}).").format(kinds=kinds)
        yield _(
            "First mails, one for each message and body: {first}. With reminders and stand-ins, "
            "{least} to {most} mails are expected (median {n})."
        ).format(
            first=number_words(plan.first_mails),
            least=number_words(expected.mails_sent.least),
            most=number_words(expected.mails_sent.most),
            n=number_words(expected.mails_sent.median),
        )
        if expected.calls.most:
            yield _(
                "Bodies that do not answer are telephoned: {least} to {most} calls (median {n})."
            ).format(
                least=number_words(expected.calls.least),
                most=number_words(expected.calls.most),
                n=number_words(expected.calls.median),
            )
        yield _(
            "Every mail carries the mark of a drill at the head of its subject, and says first and "
            "last that it is a drill. Answers are told apart by a reference (整理番号)."
        )
        yield _("Expected times are the median of {n} rehearsals without any mail.").format(
            n=expected.runs
        )

    def _kinds(self) -> Iterator[NodeKind]:
        exercise = self._exercise
        begins = {inject.from_ for inject in self._scenario.injects}
        for _depth, node in exercise.tree.walk():
            if node.id in begins or node.id in self._plan.ladders:
                yield node.kind

    # When -------------------------------------------------------------------------------------

    def _timetables(self) -> None:
        self._heading(_("Timetable"))
        expectation, exercise = self._plan.expectation, self._exercise
        rows = []
        for each in expectation.phases:
            state = self._scenario.phases.states[each.phase]
            sends = [inject_name(exercise, send.inject) for send in state.send]
            what = "\n".join(sends) or (_("the end") if state.final else "")
            title = clean_line(state.title or each.phase)
            rows.append((title, str(each.level), plan_time(exercise, each.at), what))
        head = (_("phase"), _("level"), _("expected at"), _("sends"))
        self._paper.table(head, rows, right=(1,), shares=(5, 1.5, 3, 6))
        for inject in self._scenario.injects:
            self._timetable(inject)

    def _timetable(self, inject: Inject) -> None:
        paper, timetables = self._paper, self._plan.timetables[inject.id]
        name = inject_name(self._exercise, inject.id)
        count = len(self._exercise.scope(inject.id).nodes)
        bodies = ngettext("{n} body", "{n} bodies", count).format(n=number_words(count))
        paper.heading(bracketed(name, bodies), 2)
        objective = objective_word(inject.objective)
        paper.text(_("Serves to: {objective}").format(objective=objective))
        if inject.contingency:
            paper.text(_("Sent only by the operator, where it is called for."))
        for period in _periods(inject):
            paper.item(period)
        table = plan_table(self._exercise, timetables, each_apart=False)
        if table.rows:
            paper.table(table.head, table.rows)
        if inject.expected.strip():
            paper.text(_("Expected: {what}").format(what=inject.expected))
        if inject.actions:
            paper.text(
                _("Handling to be booked: {actions}").format(
                    actions=_(", ").join(map(clean_line, inject.actions))
                )
            )

    def _stopping(self) -> None:
        exercise = self._exercise
        self._heading(_("End and stop"))
        end = exercise.when(exercise.window_at)
        for line in (
            _("The drill ends in its final phase, and at {end} at the latest.").format(
                end=time_after(end, exercise.start_ex)
            ),
            _(
                "When a real incident happens or may have happened, the drill is stopped at once; "
                "it is not needed to wait for a decision."
            ),
            _(
                "The stop mail goes to every address that was mailed. It carries a mark of its own "
                "in its subject and holds nothing of the story."
            ),
            _("Bodies that do not confirm the stop are telephoned."),
            _(
                "Messages about a real incident come without the mark of a drill, along the "
                "contact tree."
            ),
            _("No line is cut and no machine is stopped for the drill."),
        ):
            self._paper.item(line)

    def _to_know(self) -> None:
        plan = self._plan
        lines = [each.text for each in plan.remarks]
        if not self._redact:  # What is wrong in a contact tree names people.
            lines += [str(problem) for problem in plan.loaded.problems]
        for nodes, text in (
            (plan.without_mail, _("No mail reaches {names}; call them from the beginning.")),
            (
                plan.without_stand_in,
                _("Nobody else is mailed at {names}; after the first officer comes the telephone."),
            ),
            (plan.without_telephone, _("There is no telephone number of {names}.")),
        ):
            if nodes:
                lines.append(text.format(names=names_words([self._name(n) for n in nodes])))
        self._heading(_("To know beforehand"))
        for line in lines:
            self._paper.item(clean_line(line))
        if not lines:
            self._paper.text(_("Nothing was found."))

    # Annexes ----------------------------------------------------------------------------------

    def _recipients(self) -> None:
        exercise = self._exercise
        self._annex_heading(_("Recipients"))
        senders = self._senders()
        if self._redact:
            bodies = [
                (self._name(node), kind_word(exercise.node(node).kind), senders.get(node, ""))
                for node in self._plan.ladders
            ]
            self._paper.table((_("body"), _("kind"), _("written to by")), bodies)
            return
        head = (
            _("body"),
            _("written to by"),
            _("order"),
            _("post and name"),
            _("address"),
            _("telephone"),
        )
        rows = [row for node in self._plan.ladders for row in self._contacts(node, senders)]
        self._paper.table(head, rows, shares=(4.4, 3.8, 1.3, 5.5, 7.5, 5))

    def _contacts(self, node: NodeId, senders: dict[NodeId, str]) -> Iterator[tuple[str, ...]]:
        body, off_hours = self._exercise.node(node), self._exercise.off_hours
        name, sender = self._name(node), senders.get(node, "")
        for number, officer in enumerate(body.officers, 1):
            person = " ".join(part for part in (officer.role, officer.name) if part)
            address = self._exercise.address(node, number) or NOTHING
            phone = body.phone(number, off_hours=off_hours) or NOTHING
            yield (name, sender, str(number), person, address, phone)
            name = sender = ""
        if body.duty_desk is not None:
            desk = body.duty_desk.name or _("duty desk")
            yield (name, sender, NOTHING, desk, NOTHING, body.duty_desk.phone)

    def _senders(self) -> dict[NodeId, str]:
        found: dict[NodeId, str] = {}
        for inject in self._scenario.injects:
            for node, sender in self._exercise.scope(inject.id).sender.items():
                found.setdefault(node, self._name(sender))
        return found

    def _texts(self) -> None:
        self._annex_heading(_("Texts as they would be sent"))
        self._paper.remark(
            _(
                "Each text is shown once, as the first of its recipients would get it. Times are "
                "expected ones, counted from the start where the operator decides when to send it; "
                "○ stands for what is known only then."
            )
        )
        for mail in self._mails.all():
            self._paper.heading(self._title_of(mail), 2)
            self._paper.remark(self._to_whom(mail), keep=True)
            subject = _("Subject: {subject}").format(subject=mail.subject)
            self._paper.letter(f"{subject}\n\n{mail.body}")

    def _title_of(self, mail: PlannedMail) -> str:
        name = _("Stop of the drill")
        if mail.inject is not None:
            name = inject_name(self._exercise, mail.inject)
        return {
            "notice": name,
            "passed-on": _("{message}: as it is passed on").format(message=name),
            "reminder": _("{message}: reminder to acknowledge").format(message=name),
            "report-reminder": _("{message}: reminder to report").format(message=name),
            "stop": name,
        }[mail.kind]

    def _to_whom(self, mail: PlannedMail) -> str:
        count = len(mail.recipients)
        first = self._name(mail.recipients[0]) if mail.recipients else NOTHING
        to = (
            _("{node} and {count} more").format(node=first, count=number_words(count - 1))
            if count > 1
            else first
        )
        said = _("From {sender} to {to}").format(sender=self._name(mail.sender), to=to)
        if mail.at is not None:
            said += _("; expected at {time}").format(time=plan_time(self._exercise, mail.at))
        return said

    def _fax_sheets(self) -> None:
        """Write a sheet for each message that is answered: where mail fails, it goes by FAX."""
        self._annex_heading(_("FAX sheets"))
        self._paper.remark(
            _("For bodies that mail does not reach: write in body and reference, and fax it.")
        )
        asking = [
            inject
            for inject in self._scenario.injects
            if inject.acknowledge is not None and not inject.contingency
        ]
        for number, inject in enumerate(asking):
            if number:
                self._paper.new_page()
            self._fax_sheet(inject)

    def _fax_sheet(self, inject: Inject) -> None:
        paper = self._paper
        mails = list(self._mails.of(inject))
        if not mails:
            return
        mail = mails[-1]  # What reaches the last tier.
        paper.heading(_("FAX: {message}").format(message=inject_name(self._exercise, inject.id)), 2)
        paper.text(f"{MARK}{SENTENCE}")
        subject = mail.subject.replace(
            self._mails.reference(inject.id, mail.recipients[0]), NO_REFERENCE
        )
        phone = _("telephone")
        paper.table(
            (),
            [
                (_("to"), _WRITE_HERE),
                (_("from"), f"{self._name(mail.sender)}\n{phone}　　　　　　　　　FAX"),
                (_("sent on"), _WRITE_HERE),
                (_("reference (整理番号)"), _WRITE_HERE),
                (_("subject"), subject),
                (_("content"), _("The text of the mail is on the next sheet (annex 2).")),
            ],
            shares=(3, 10),
            tall=True,
        )
        paper.text(_("Please write in below and send this sheet back."))
        rows = [(_("received on"), _WRITE_HERE)]
        report, who = inject.report, _("who deals with it (post, name)")
        form = () if report is None or report.form is None else self._scenario.forms[report.form]
        if who not in {line.label for line in form}:
            rows.append((who, _WRITE_HERE))
        rows += [(clean_line(line.label), "・".join(line.options) or _WRITE_HERE) for line in form]
        paper.table((_("line"), _("answer")), rows, shares=(5, 8), tall=True)
        paper.text(f"{MARK}{SENTENCE}")

    def _references(self) -> None:
        """List the 整理番号 of every body, or leave room for them."""
        exercise = self._exercise
        self._annex_heading(_("References (整理番号)"))
        if self._mails.seed is None:
            said = _("They are given when the drill is begun; write them in, or plan with --seed.")
        else:
            said = _("As in a rehearsal with the seed {seed}.").format(seed=self._mails.seed)
        self._paper.remark(said)
        asking = [i for i in self._scenario.injects if i.acknowledge is not None]
        rows = []
        for node in self._plan.ladders:
            cells = [
                self._cell(inject, node) if node in exercise.scope(inject.id).sender else NOTHING
                for inject in asking
            ]
            rows.append((self._name(node), *cells))
        names = [inject_name(exercise, inject.id) for inject in asking]
        self._paper.table((_("body"), *names), rows)

    def _cell(self, inject: Inject, node: NodeId) -> str:
        return "" if self._mails.seed is None else self._mails.reference(inject.id, node)

    def _telephone(self) -> None:
        self._annex_heading(_("What to say on the telephone"))
        lang = self._scenario.lang
        blanks = {"body": "○○", "caller": "○○", "sent": "○○", "ref": NO_REFERENCE}
        self._paper.heading(_("To those who have not answered"), 2)
        self._paper.letter(TELEPHONE[lang].format(**blanks))
        self._paper.heading(_("When the drill is stopped"), 2)
        self._paper.letter(STOP_TELEPHONE[lang].format(**blanks))
        self._paper.heading(_("Record of calls"), 2)
        head = (_("time"), _("body"), _("reference (整理番号)"), _("result"), _("who answered"))
        result = _("talked · message · voicemail · busy · absent · wrong number")
        rows = [("", "", "", result, "")] * _BLANK_CALLS
        self._paper.table(head, rows, shares=(2, 4, 3, 5, 3), tall=True)

    def _name(self, node: NodeId) -> str:
        return node_name(self._exercise, node)


def _periods(inject: Inject) -> Iterator[str]:
    """Yield what is asked, and by when from a body's own notice."""
    first, onward, report = inject.acknowledge, inject.pass_on, inject.report
    if first is None:
        yield _("Information only: no answer is asked for.")
        return
    within = period_words(first.within)
    yield _("Acknowledge within {time} of the own notice").format(time=within)
    if first.remind:
        times = _(", ").join(map(period_words, first.remind))
        yield _("Reminders after {times}").format(times=times)
    for period, text in (
        (first.stand_in_after, _("The stand-in is written to after {time}")),
        (first.call_after, _("On the call list after {time}")),
        (first.give_up_after, _("Counted as unreachable after {time}")),
        (onward.within if onward is not None else None, _("Pass on within {time}")),
        (report.within if report is not None else None, _("Report within {time}")),
        (
            report.cut_off if report is not None else None,
            _("The collected report goes up after {time} at the latest"),
        ),
    ):
        if period is not None:
            yield text.format(time=period_words(period))


def period_words(period: Period) -> str:
    """Return a period in words: 15 min, 3 business days."""
    days = period.business_days
    if days:
        return ngettext("{n} business day", "{n} business days", days).format(n=number_words(days))
    return length_words(period.length)


def _why_apart(apart: PlannedApart) -> str:
    if apart.why == "not-addressed":
        why = _("no message is addressed to it")
    else:
        why = apart_word(apart.why)
    return bracketed(why, clean_line(apart.reason)) if apart.reason else why
