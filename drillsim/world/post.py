"""What turns the mails of a course into bytes, and what came in into meaning.

`IdealPost` does without bytes: every answer is credited as it was meant. The director has a post
that composes real mails and recognises what the sink received.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from drillsim.drill import events as ev
from drillsim.drill.crediting import Received
from drillsim.drill.events import AnyEvent, MailId, NoticeKey
from drillsim.world.chance import draw
from drillsim.world.drafts import Draft

MAIL_DOMAIN = "drillsim.test"
"""Message-IDs of a rehearsal; `.test` names no real host (RFC 6761)."""


class Post(Protocol):
    """What turns the course's mails into bytes, and what came in into meaning."""

    def outgoing(self, mail: ev.Submitted) -> str:
        """Write a mail of the drill or a passed-on one; return the SHA-256 of its bytes."""

    def answer(self, mail: ev.AnswerSent, draft: Draft) -> str:
        """Write a simulated answer; return the SHA-256 of its bytes."""

    def stop(self, mail: ev.StopSubmitted) -> str:
        """Write a stop mail; return the SHA-256 of its bytes."""

    def received(self, mail: ev.AnswerSent, draft: Draft) -> Received:
        """Return what the drill makes of an answer that has arrived."""

    def passed_on(self, event: ev.PassedOn) -> tuple[ev.FactFate, ...]:
        """Return what becomes of the scenario's facts in what a simulated node passes on."""

    def recall(self, event: AnyEvent) -> None:
        """Read the mail of an event again that came in from outside, when a drill is resumed."""

    def heard(self, event: AnyEvent) -> None:
        """Take note of an event that the board has taken in."""


@dataclass(slots=True)
class IdealPost:
    """A post without bytes: every answer is credited as it was meant."""

    _seen: set[tuple[NoticeKey, NoticeKey, int, int]] = field(default_factory=set)
    """Acknowledgements that came in already: the same words again are a duplicate."""

    def outgoing(self, mail: ev.Submitted) -> str:
        """No bytes, no hash."""
        return ""

    def answer(self, mail: ev.AnswerSent, draft: Draft) -> str:
        """No bytes, no hash."""
        return ""

    def stop(self, mail: ev.StopSubmitted) -> str:
        """No bytes, no hash."""
        return ""

    def received(self, mail: ev.AnswerSent, draft: Draft) -> Received:
        """Return what the answer was meant to be."""
        # In an old thread it is always the first mail that is answered.
        attempt = mail.attempt if draft.thread == mail.notice else 0
        words = (mail.notice, draft.thread, mail.officer, attempt)
        is_identical = mail.answer in ("acknowledge", "repeat") and words in self._seen
        if mail.answer in ("acknowledge", "repeat"):
            self._seen.add(words)
        return Received(
            kind=draft.mail_kind,
            mail=mail.mail,
            sender=mail.sender,
            notice=draft.thread,
            matched_by="thread",
            officer=0 if draft.unlisted else mail.officer,
            by=draft.by,
            answers=() if draft.file == "unreadable" else draft.answers,
            is_report=mail.answer == "report" and draft.file != "unreadable",
            has_unreadable_file=draft.file == "unreadable",
            is_identical=is_identical,
            is_about_stop=mail.answer == "confirm-stop",
            status="5.1.1" if mail.answer == "bounce" else "",
        )

    def passed_on(self, event: ev.PassedOn) -> tuple[ev.FactFate, ...]:
        """Without words there are no facts in them."""
        return ()

    def recall(self, event: AnyEvent) -> None:
        """Nothing comes in from outside."""

    def heard(self, event: AnyEvent) -> None:
        """Nothing to take note of."""


def mail_namer(seed: int, digest: str, domain: str = MAIL_DOMAIN) -> Callable[..., MailId]:
    """Return what names the mails of a drill: Message-IDs from the seed and the files."""

    def name(notice: NoticeKey, officer: int, attempt: int, what: str = "down") -> MailId:
        bits = draw(seed, f"mail {digest} {what}", *notice, officer, attempt)
        return f"{bits:016x}@{domain}"

    return name
