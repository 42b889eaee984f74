"""The mails of a drill that was kept, so that any mail can be asked whose answer it is.

The reader of a running drill learns what went out while it goes on; here the same is learnt from
the journal: Message-IDs, recipients and 整理番号 of what was written, and where notices stand.
"""

from dataclasses import dataclass, field

from drillsim.conduct.reader import Reader
from drillsim.drill import events as ev
from drillsim.drill.board import Board
from drillsim.drill.events import AnyEvent, MailId, NoticeKey, decode
from drillsim.files.scenario_file import load_stored
from drillsim.journal.mails import mail_hash
from drillsim.journal.reader import JournalReader
from drillsim.mail.compose import Letter
from drillsim.mail.correspondence import read_letter
from drillsim.world.references import files_digest, reference


@dataclass(slots=True)
class StoredMail:
    """What the journal of a drill says about a mail.

    Attributes:
        reader: reads mails against the drill as it stands.
        named: the events that name each mail, by its hash.
    """

    journal: JournalReader
    reader: Reader = field(init=False)
    named: dict[str, list[AnyEvent]] = field(default_factory=dict)
    _last: dict[NoticeKey, str] = field(default_factory=dict)
    _digest: str = ""

    def __post_init__(self) -> None:
        """Read the journal.

        Raises:
            JournalError: it is not what was written.
            ValueError: it holds events that this version does not know.
        """
        loaded = load_stored(self.journal.files)
        exercise = loaded.exercise
        # A forecast is kept beside these files, and names nothing.
        self._digest = files_digest(loaded.files)
        board = Board(exercise)
        self.reader = Reader(exercise, board, self._letter)
        sent: dict[MailId, list[ev.Submitted]] = {}
        for record in self.journal.events():
            event = decode(record.data)
            board.apply(event)
            if raw := getattr(event, "raw", ""):
                self.named.setdefault(raw, []).append(event)
            if isinstance(event, ev.InjectReleased):
                for node in exercise.scope(event.inject).sender:
                    self.reader.index.add_notice((event.inject, node))
            elif isinstance(event, ev.Submitted):
                sent.setdefault(event.mail, []).append(event)
                self._last[event.notice] = event.raw
            elif isinstance(event, ev.StopSubmitted):
                self._add(event.mail, [(ev.STOP, event.node)], [event.recipient])
        for mail, events in sent.items():
            officer = events[0].officer if len(events) == 1 else 0
            self._add(mail, [e.notice for e in events], [e.recipient for e in events], officer)
        for notice in board.notices:
            self.reader.hear(notice)

    def events_of(self, raw: bytes) -> list[AnyEvent]:
        """Return the events that name this very mail, in their order."""
        return self.named.get(mail_hash(raw), [])

    def _add(
        self, mail: MailId, notices: list[NoticeKey], recipients: list[str], officer: int = 0
    ) -> None:
        meta = self.journal.opening.meta
        seed = int(meta.get("seed", "0") or 0)
        token = reference(seed, self._digest, notices[0]) if len(notices) == 1 else None
        self.reader.index.add_mail(
            message_id=mail,
            notices=notices,
            token=token,
            recipients=recipients,
            officer=officer,
        )

    def _letter(self, notice: NoticeKey) -> Letter | None:
        name = self._last.get(notice)
        return read_letter(self.journal.mail(name)) if name else None
