"""Whose answer a mail is in one drill: what `drillsim explain --drill` adds."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from drillsim.conduct.stored_mail import StoredMail
from drillsim.drill import events as ev
from drillsim.drill.crediting import Received
from drillsim.drill.events import AnyEvent, NoticeKey
from drillsim.drill.exercise import Exercise
from drillsim.evaluation.wording import fate_word, inject_name, node_name
from drillsim.i18n import _
from drillsim.tui.views.sentences import Sentences, match_word
from drillsim.tui.views.tray import why_suggested


@dataclass(frozen=True, slots=True)
class InDrill:
    """What a drill makes of a mail, as it stands."""

    exercise: Exercise
    got: Received
    events: tuple[AnyEvent, ...]
    """The events that name this very mail, if it belongs to the drill."""
    sentences: Sentences

    def as_json(self) -> dict[str, Any]:
        """Return what `--json` has with `--drill`."""
        got = self.got
        onward = got.onward
        return {
            "matched": None if got.notice is None else _as_json(got.notice),
            "matched_by": got.matched_by or None,
            "officer": got.officer,
            "by": got.by,
            "is_foreign": got.is_foreign,
            "is_report": got.is_report,
            "has_unreadable_file": got.has_unreadable_file,
            "answers": dict(got.answers),
            "suggestions": [
                {**_as_json(notice), "by": by}
                for notice, by in zip(got.suggested, got.suggested_by, strict=True)
            ],
            "passes_on": None
            if onward is None
            else {
                "to": [hop for hop, _officer, _address in onward.to],
                "is_marked": not onward.is_unmarked,
                "facts": [
                    {"fact": name, "fate": fate, "found": found}
                    for name, fate, found in onward.facts
                ],
            },
            "events": [event.kind for event in self.events],
        }

    def rows(self) -> Iterator[tuple[str, str]]:
        """Yield (label, text) for people."""
        got = self.got
        if got.notice is not None:
            told = _("{node}, {inject}: {how}")
            how = match_word(got.matched_by)
            yield _("whose"), told.format(**self._names(got.notice), how=how)
        elif not self._is_own:
            yield _("whose"), _("nobody's that is known: it would lie in the tray")
        if got.is_foreign:
            yield _("note"), _("it comes from a domain that is not this body's")
        if got.onward is not None:
            hops = ", ".join(node_name(self.exercise, hop) for hop, *_rest in got.onward.to)
            yield _("passes on to"), hops
            for name, fate, found in got.onward.facts:
                yield _("fact"), " ".join(filter(None, (name, fate_word(fate), found)))
            if got.onward.is_unmarked:
                yield _("note"), _("it is passed on without 【訓練】")
        for field, answer in got.answers:
            yield _("answer"), f"{field}: {answer}"
        if got.has_unreadable_file:
            yield _("note"), _("a file with it cannot be read; the report stays open")
        for notice, by in zip(got.suggested, got.suggested_by, strict=True):
            perhaps = _("{node}, {inject}: {why}")
            yield _("perhaps"), perhaps.format(**self._names(notice), why=why_suggested(by))
        for event in self.events:
            line = self.sentences.line(event)
            yield _("in the drill"), f"{line.at} {line.text}"

    @property
    def _is_own(self) -> bool:
        return any(isinstance(event, ev.Submitted | ev.StopSubmitted) for event in self.events)

    def _names(self, notice: NoticeKey) -> dict[str, str]:
        if notice[0] == ev.STOP:
            inject = _("stop of the drill")
        else:
            inject = inject_name(self.exercise, notice[0])
        return {"node": node_name(self.exercise, notice[1]), "inject": inject}


def in_drill_of(drill: str, raw: bytes) -> InDrill:
    """Return what a drill makes of a mail.

    Raises:
        JournalError: there is no such drill, or its journal cannot be read.
    """
    from drillsim.journal import JournalReader, find_drill
    from drillsim.journal.mails import mail_hash
    from drillsim.tui.views.names import Names

    with JournalReader(find_drill(drill)) as reader:
        stored = StoredMail(reader)
        exercise = stored.reader.exercise
        return InDrill(
            exercise=exercise,
            got=stored.reader.read(raw, mail_hash(raw)),
            events=tuple(stored.events_of(raw)),
            sentences=Sentences(exercise, Names(exercise)),
        )


def _as_json(notice: NoticeKey) -> dict[str, str]:
    return {"inject": notice[0], "node": notice[1]}
