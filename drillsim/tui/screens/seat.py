"""A seat: the mailbox of one body, at which a person practises while the others are simulated.

The seat follows the drill like every other screen. What is written here leaves as real mail to the
drill's sink, and comes back as whatever the drill made of it.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar, Final

from rich.text import Text
from textual import work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container
from textual.screen import Screen
from typing_extensions import override

from drillsim.conduct.drill_address import DRILL_MAILBOX
from drillsim.drill.board import NoticeRecord
from drillsim.drill.events import STOP, NoticeKey
from drillsim.drill.scenario import FormField
from drillsim.drill.tree import NodeId
from drillsim.i18n import N_, _
from drillsim.journal.errors import JournalError
from drillsim.mail.compose import Letter, Mailbox
from drillsim.mail.correspondence import read_letter
from drillsim.mail.wording import Wording
from drillsim.problem import CommandError, UsageError
from drillsim.text import clean, clean_line
from drillsim.tui.drafts import Drafts
from drillsim.tui.following import Following
from drillsim.tui.orders import Orders
from drillsim.tui.screens.dialogs import Choose, Confirm
from drillsim.tui.screens.mail import MailScreen
from drillsim.tui.screens.reviving import Reviving
from drillsim.tui.screens.seat_writing import (
    Answer,
    AnswerDialog,
    LetterDialog,
    LetterFilled,
    ReportDialog,
    ReportFilled,
)
from drillsim.tui.seat_post import send
from drillsim.tui.views.booking import form_of
from drillsim.tui.views.clock import speed_text
from drillsim.tui.views.mail import MailView, mail_view, reference_of, why_matched
from drillsim.tui.views.seat import Mailbox as Inbox
from drillsim.tui.views.seat import SeatMail, mail_cells, open_notices, owed_lines
from drillsim.tui.views.seat_words import Desk, fault_of_length
from drillsim.tui.views.stream import refusals
from drillsim.tui.views.times import full_length, time_of_day
from drillsim.tui.views.tone import Cell
from drillsim.tui.widgets.key_bar import KeyBar
from drillsim.tui.widgets.lines import Line, Lines
from drillsim.tui.widgets.mail_pane import mail_text
from drillsim.tui.widgets.pane import Pane
from drillsim.tui.widgets.recipients import Recipient, recipients_at
from drillsim.tui.widgets.rows import Rows

_REFRESH_SECONDS: Final = 0.2
_OWED_MAX: Final = 4
"""Notices of which is said what they still ask for."""


class MailRows(Rows):
    """The mails of the seat, oldest first; the cursor stays where one reads."""

    screen_opens = True

    def __init__(self, inbox: Inbox, draw: Callable[[SeatMail], Sequence[Cell]]) -> None:
        super().__init__(id="seat-mails")
        self._inbox = inbox
        self._draw = draw

    @override
    def count(self) -> int:
        return len(self._inbox.mails)

    @override
    def heading(self, width: int) -> Sequence[Cell]:
        came = sum(mail.way == "in" for mail in self._inbox.mails)
        text = _("mails: {came} came, {left} left").format(
            came=came, left=len(self._inbox.mails) - came
        )
        unread = len(self._inbox.unread)
        new = _("  {count} not read: n").format(count=unread) if unread else ""
        return (Cell(" " + text), Cell(new, "late"))

    @override
    def row(self, row: int, width: int) -> Sequence[Cell]:
        return self._draw(self._inbox.mails[row])

    def take_new(self) -> None:
        """Show what has come since."""
        if self._inbox.take_new():
            self.redraw()

    def go_to_unread(self) -> None:
        """Put the cursor on the first mail that came and was not looked at."""
        for place in self._inbox.unread[:1]:
            self.move_to(place)


class SeatScreen(Reviving, Screen[None]):
    """One body's mailbox: what came, what is owed, and everything that it can write."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "acknowledge", N_("acknowledge")),
        Binding("p", "pass_on", N_("pass on")),
        Binding("r", "report", N_("report")),
        Binding("w", "write", N_("write")),
        Binding("s", "stand_in", N_("call in the stand-in")),
        Binding("n", "unread", N_("next new mail")),
        Binding("enter,m", "open", N_("open mail")),
        Binding("o", "other", N_("other seat")),
        Binding("g", "get_up", N_("leave the seat for good")),
        Binding("R", "revive", N_("go on with the drill")),
        Binding("question_mark", "app.help", N_("help")),
        Binding("escape,q", "leave", N_("back")),
    ]
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (120, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (32, "-tall")]

    def __init__(
        self, following: Following, orders: Orders, node: NodeId, *, follows: bool = False
    ) -> None:
        """Open the seat of a node.

        Args:
            following: the drill.
            orders: in whose name the person sits here.
            node: where.
            follows: whether this screen keeps the drill followed; else the one below it does.
        """
        super().__init__()
        self.following = following
        self.orders = orders
        self.node = node
        self.view = following.view
        self._follows = follows
        self.inbox = Inbox(self.view, node)
        self._drafts = Drafts(following.path, node)
        self._wording = Wording(self.view.exercise, self.view.board)
        self._title = Lines(id="seat-title")
        self._title.heading = True
        self._owed = Lines(id="seat-owed")
        self._rows = MailRows(self.inbox, self._cells)
        self._pane = Pane(id="mail")
        self._mails: dict[str, MailView] = {}
        self._shown = ""
        self._given: set[int] = set()
        self._looked_at = len(self.view.stream.events)
        self._state: tuple[object, ...] = ()

    @override
    def compose(self) -> ComposeResult:
        yield self._title
        yield self._owed
        with Container(id="seat"):
            yield self._rows
            yield self._pane
        yield KeyBar()

    def on_mount(self) -> None:
        self._rows.focus()
        if self._follows:
            self._follow()
        self.set_interval(_REFRESH_SECONDS, self.draw)
        self.draw()

    @work(exclusive=True, group="follow")
    async def _follow(self) -> None:
        await self.following.run()

    # Drawing ------------------------------------------------------------------------------------

    def draw(self) -> None:
        """Draw what has changed."""
        now = self.following.now()
        self._rows.take_new()
        self._title.show(self._title_lines(now))
        self._owed.show(owed_lines(self.view, self.node, now)[:_OWED_MAX])
        self._show_mail()
        self._tell_refusals()
        state = (
            self._why_not(),
            self._notice(),
            len(self.view.board.seats),
            self.can_revive,
            bool(self.inbox.unread),
        )
        if state != self._state:
            self._state = state
            self.refresh_bindings()

    def _title_lines(self, now: timedelta) -> list[Line]:
        exercise, board = self.view.exercise, self.view.board
        at = board.end.at if board.end is not None else now
        name = self.view.names.node(self.node)
        when = time_of_day(exercise.when(at), exercise.start_ex)
        first = [
            Cell(" " + _("Seat: {node}").format(node=name) + "  ", "strong"),
            Cell(when + "  "),
            Cell("T+" + full_length(at) + "  "),
            Cell(speed_text(self.following.clock.speed) + "  ", "control"),
        ]
        why = self._why_not()
        if why is None:
            first.append(Cell("● " + _("running"), "good"))
            return [first]
        return [first, [Cell(" " + why, "alarm" if self.can_revive else "late")]]

    def _why_not(self) -> str | None:
        """Return why nothing can be written now, or None."""
        board = self.view.board
        if self.following.error is not None:
            return str(self.following.error)
        if self.following.is_sealed or (board.end is not None and self.node not in board.stop_open):
            return _("the drill has ended; the seat can still be read")
        if self.can_revive:
            return _("nobody runs this drill any more: R goes on with it; your drafts are kept")
        if self.following.clock.is_paused and board.end is None:
            return _("paused: the seat can be read, and written at when the drill goes on")
        if self.node not in board.seats:
            return _("nobody sits here: simulated officers answer")
        return None

    def _tell_refusals(self) -> None:
        events = self.view.stream.events
        new, self._looked_at = events[self._looked_at :], len(events)
        for act in refusals(new, self._given):
            why = clean_line(str(act.payload.get("why", "")), limit=200)
            self._say(_("order refused: {why}").format(why=why), is_fault=True)

    def _cells(self, mail: SeatMail) -> list[Cell]:
        is_new = mail.way == "in" and mail.raw not in self.inbox.read
        return mail_cells(self.view, mail, is_new=is_new)

    @property
    def _mail(self) -> SeatMail | None:
        mails = self.inbox.mails
        return mails[self._rows.cursor] if mails else None

    def on_rows_moved(self) -> None:
        self._show_mail()

    def _show_mail(self) -> None:
        mail = self._mail
        shown = mail.raw if mail is not None else "-"
        if shown == self._shown:
            return
        self._shown = shown
        self.inbox.read.add(shown)
        if mail is None:
            self._pane.show(Text("\n " + _("No mail has come yet.")))
        else:
            self._load(mail)

    @work(exclusive=True, group="mail")
    async def _load(self, mail: SeatMail) -> None:
        if mail.raw not in self._mails:
            try:
                self._mails[mail.raw] = mail_view(await self.following.mail(mail.raw))
            except (KeyError, JournalError) as error:
                self._pane.show(Text(_("no mail: {why}").format(why=str(error))))
                return
        self._pane.show(mail_text(_in_short(self._mails[mail.raw]), why_matched(mail.event)))

    # What is possible now -----------------------------------------------------------------------

    def _notice(self) -> NoticeKey | None:
        """Return what is acted on: the notice under the cursor, else the latest that is open."""
        board = self.view.board
        if self.node in board.stop_open:
            return (STOP, self.node)
        mail = self._mail
        if mail is not None and mail.notice is not None and mail.notice[0] != STOP:
            return mail.notice
        waiting = open_notices(self.view, self.node)
        if waiting:
            return waiting[0].key
        latest = next((m.notice for m in reversed(self.inbox.mails) if m.notice is not None), None)
        return latest if latest is not None and latest[0] != STOP else None

    def _record(self) -> NoticeRecord | None:
        notice = self._notice()
        return self.view.board.notices.get(notice) if notice is not None else None

    @override
    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if not self.is_mounted:
            return True
        can_write = self._why_not() is None
        record, notice = self._record(), self._notice()
        is_stop = notice is not None and notice[0] == STOP
        match action:
            case "acknowledge":
                return can_write and (is_stop or record is not None)
            case "pass_on":
                return can_write and record is not None and bool(record.asked.pass_on)
            case "report":
                return can_write and record is not None and record.asked.report
            case "stand_in":
                return can_write and record is not None and not record.is_acknowledged
            case "write":
                return can_write and not is_stop
            case "open":
                return self._mail is not None
            case "unread":
                return bool(self.inbox.unread)
            case "other":
                return len(self.view.board.seats) > 1
            case "get_up":
                return self.node in self.view.board.seats and self.view.board.end is None
            case "revive":
                return self.can_revive
            case _:
                return True

    # Writing ------------------------------------------------------------------------------------

    def _draft(self, name: str, officer: int = 1) -> dict[str, Any]:
        """Return a draft; without one, it begins with the officer who is to act."""
        return {"officer": officer} | self._drafts.get(name)

    def _keeper(self, name: str) -> Callable[[dict[str, Any]], None]:
        return lambda draft: self._drafts.keep(name, draft)

    def _acting(self, record: NoticeRecord | None) -> int:
        if record is None:
            return 1
        return record.acknowledged_officer or record.officer or 1

    def _desk(self, officer: int) -> Desk:
        date = self.view.exercise.when(self.following.now()).replace(microsecond=0)
        return Desk(self.view, self.node, officer, date)

    async def _original(self, notice: NoticeKey) -> Letter:
        """Return the mail that brought a notice.

        Raises:
            UsageError: there is none, or it cannot be read.
        """
        mail = self.inbox.latest(notice)
        if mail is None:
            raise UsageError(_("there is no mail to answer"))
        try:
            return read_letter(await self.following.mail(mail.raw))
        except (KeyError, ValueError, JournalError) as fault:
            raise UsageError(_("the mail cannot be read: {why}").format(why=fault)) from None

    async def _send(self, letter: Letter, name: str, who: str = "") -> None:
        """Let a letter leave, and forget its draft; where it cannot, say why and keep it.

        Args:
            letter: the mail.
            name: of its draft.
            who: whom it goes to, where the address says less.

        Raises:
            UsageError: it did not leave.
        """
        why = self._why_not()
        if why is not None:
            raise UsageError(why)
        if (too_long := fault_of_length(letter)) is not None:
            raise UsageError(too_long)
        refused = await send(self.following, letter)
        self._drafts.drop(name)
        if refused:
            text = _("sent, but these addresses are unknown: {addresses}")
            addresses = clean_line(", ".join(refused), limit=200)
            self._say(text.format(addresses=addresses), is_fault=True)
        else:
            self._say(_("sent to {who}").format(who=who or _whom(letter)))

    def _say(self, text: str, *, is_fault: bool = False) -> None:
        severity: Any = "error" if is_fault else "information"
        self.notify(text, severity=severity, timeout=8 if is_fault else 4, markup=False)

    @work(group="dialog", exclusive=True)
    async def action_acknowledge(self) -> None:
        notice = self._notice()
        if notice is None:
            return
        name = f"acknowledge {notice[0]}"
        try:
            original = await self._original(notice)
            record = self._record()
            dialog = AnswerDialog(
                self.view,
                self.node,
                clean_line(original.subject),
                self._draft(name, self._acting(record)),
                self._keeper(name),
            )
            answer: Answer | None = await self.app.push_screen_wait(dialog)
            if answer is not None:
                desk = self._desk(answer.officer)
                words = desk.acknowledgement(record, answer.remark)
                await self._send(desk.answer(original, words), name, _shown(original.sender))
        except CommandError as fault:
            self._say(str(fault), is_fault=True)

    @work(group="dialog", exclusive=True)
    async def action_report(self) -> None:
        record = self._record()
        if record is None:
            return
        name = f"report {record.key[0]}"
        form: Sequence[FormField] = form_of(self.view.exercise, record.key)
        try:
            original = await self._original(record.key)
            draft = self._draft(name, self._acting(record))
            dialog = ReportDialog(self.view, record, form, draft, self._keeper(name))
            filled: ReportFilled | None = await self.app.push_screen_wait(dialog)
            if filled is not None:
                desk = self._desk(filled.officer)
                words = desk.report(record, form, filled.answers, filled.words)
                await self._send(desk.answer(original, words), name, _shown(original.sender))
        except CommandError as fault:
            self._say(str(fault), is_fault=True)

    @work(group="dialog", exclusive=True)
    async def action_pass_on(self) -> None:
        record = self._record()
        if record is None or not record.asked.pass_on:
            return
        name = f"pass-on {record.key[0]}"
        try:
            original = await self._original(record.key)
            people = [
                Recipient(r.node, r.officer, r.name, r.address, _("has it"))
                if r.node in record.passed_to
                else r
                for r in recipients_at(self.view.exercise, record.asked.pass_on, first_only=True)
            ]
            dialog = LetterDialog(
                self.view,
                self.node,
                _("Pass on: {inject}").format(inject=self.view.names.inject(record.key[0])),
                people,
                await self._texts(record, original),
                self._draft(name, self._acting(record)),
                self._keeper(name),
            )
            filled: LetterFilled | None = await self.app.push_screen_wait(dialog)
            if filled is not None:
                await self._send_letter(filled, name, original, Mailbox(DRILL_MAILBOX))
        except CommandError as fault:
            self._say(str(fault), is_fault=True)

    async def _texts(self, record: NoticeRecord, original: Letter) -> list[tuple[str, str, str]]:
        """Return what a mail to the next hops can begin with: nothing, the template, what came."""
        mail = self.inbox.latest(record.key)
        ref = reference_of(await self.following.mail(mail.raw)) if mail is not None else ""
        words = self._wording.to_many(record.key[0], self.node, self.following.now(), ref)
        return [
            (_("a blank sheet"), "", ""),
            (_("the template"), clean_line(words.subject), clean(words.body)),
            (_("what came"), f"Fw: {clean_line(original.subject)}", clean(original.body)),
        ]

    @work(group="dialog", exclusive=True)
    async def action_write(self) -> None:
        name = "write"
        try:
            others = [node.id for node in self.view.exercise.tree.nodes if node.id != self.node]
            dialog = LetterDialog(
                self.view,
                self.node,
                _("Write to another body"),
                recipients_at(self.view.exercise, others),
                (),
                self._draft(name, self._acting(self._record())),
                self._keeper(name),
            )
            filled: LetterFilled | None = await self.app.push_screen_wait(dialog)
            if filled is not None:
                await self._send_letter(filled, name)
        except CommandError as fault:
            self._say(str(fault), is_fault=True)

    async def _send_letter(
        self,
        filled: LetterFilled,
        name: str,
        original: Letter | None = None,
        reply_to: Mailbox | None = None,
    ) -> None:
        to = [Mailbox(one.address, one.name) for one in filled.to]
        to += [Mailbox(address) for address in filled.more]
        desk = self._desk(filled.officer)
        letter = desk.letter(to, filled.subject, filled.body, original, reply_to)
        await self._send(letter, name)

    # Other acts ---------------------------------------------------------------------------------

    @work(group="dialog", exclusive=True)
    async def action_stand_in(self) -> None:
        record = self._record()
        if record is None:
            return
        officer = max(record.officer, 1) + 1
        name = self.view.names.officer(self.node, officer)
        if not name:
            self._say(_("there is no further stand-in in the contact tree"), is_fault=True)
            return
        text = _("{name} is called in and answers from now on.").format(name=name)
        asked = Confirm(_("Call in the stand-in"), text, _("call them in"))
        if await self.app.push_screen_wait(asked):
            await self._give("seat-stand-in", {"node": self.node, "inject": record.key[0]})

    @work(group="dialog", exclusive=True)
    async def action_get_up(self) -> None:
        text = _("Simulated officers go on from here. To come back later, go back with q instead.")
        asked = Confirm(_("Leave the seat for good"), text, _("leave it"))
        if await self.app.push_screen_wait(asked):
            await self._give("seat-leave", {"node": self.node})

    async def _give(self, kind: str, payload: dict[str, Any]) -> None:
        try:
            self._given.add(await self.orders.post(kind, payload))
        except CommandError as fault:
            self._say(str(fault), is_fault=True)

    @work(group="dialog", exclusive=True)
    async def action_other(self) -> None:
        seats = [node for node in self.view.board.seats if node != self.node]
        lines = [(Cell(self.view.names.node(node)),) for node in seats]
        dialog = Choose(_("Another seat"), _("body"), lines, _("go there"))
        place = await self.app.push_screen_wait(dialog)
        if place is not None:
            self.app.switch_screen(
                SeatScreen(self.following, self.orders, seats[place], follows=self._follows)
            )

    def action_unread(self) -> None:
        self._rows.go_to_unread()

    def action_open(self) -> None:
        if self._mail is not None:
            self.app.push_screen(MailScreen(self.following, self._mail.event))

    def on_rows_chosen(self, message: Rows.Chosen) -> None:
        message.stop()
        self.action_open()

    @staticmethod
    def help_signs() -> list[tuple[str, str]]:
        """Return the signs of this screen with their meaning."""
        return [
            ("←", _("a mail that came to this body, or an answer to what it passed on")),
            ("→", _("a mail that left this seat, with what the drill took it for")),
            ("…", _("owed, and by when")),
            ("!", _("owed, and late")),
            ("✓ » ✎", _("acknowledged, passed on, reported")),
        ]

    def action_leave(self) -> None:
        if self.following.is_sealed:
            self._drafts.clear()
        if self._follows:
            self.following.close()
            self.app.exit(0)
        else:
            self.dismiss()


def _in_short(mail: MailView) -> MailView:
    """Return a mail with what its reader looks at first; Enter shows all of it."""
    fields = tuple(field for field in mail.fields if field[0] in ("From", "To", "Subject"))
    return replace(mail, fields=fields)


def _shown(mailbox: Mailbox) -> str:
    return clean_line(mailbox.name or mailbox.address, limit=60)


def _whom(letter: Letter) -> str:
    """Return to whom a letter went, in short."""
    first = _shown(letter.to[0])
    if len(letter.to) == 1:
        return first
    return _("{node} and {count} more").format(node=first, count=len(letter.to) - 1)
