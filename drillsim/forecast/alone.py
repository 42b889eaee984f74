"""One notice in one run, played by the kernel itself, with what reaches it from other notices.

Where arrays cannot tell how a notice goes (`Play.odd`), the rules and the offices of the kernel do:
its agenda holds the dues of this notice alone, and the rest of the drill is told to it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from drillsim.drill import events as ev
from drillsim.drill.agenda import Due, Rank
from drillsim.drill.board import NoticeRecord, Tally
from drillsim.drill.crediting import Received
from drillsim.drill.durations import from_ms, to_ms
from drillsim.drill.events import AnyEvent, NoticeKey
from drillsim.drill.injects import InjectId
from drillsim.drill.tree import NodeId
from drillsim.forecast.setting import Notice
from drillsim.forecast.stamps import NEVER
from drillsim.world.course import Course
from drillsim.world.drafts import Draft

_OTHER = InjectId("another-notice")


@dataclass(frozen=True, slots=True)
class Astray:
    """An answer that may go into an old thread, in one run; times in ms."""

    written: int
    arrives: int
    by: int
    gone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What reaches a notice from the rest of the drill, in ms."""

    began: int
    answered: int = NEVER
    by: int = 0
    others: int = NEVER
    below: Mapping[NodeId, int] = field(default_factory=dict)


class Alone(Course):
    """The course of one notice."""

    def __init__(self, notice: Notice, seed: int, told: Told) -> None:
        exercise = notice.setting.exercise
        super().__init__(exercise, seed)
        self.key = notice.key
        self.told = told
        self.astray: list[Astray] = []
        self.gave_up_at: timedelta | None = None
        """When it was given up, whatever came after."""
        self._place = exercise.scenario.order[self.key[0]]
        self._node = exercise.tree.order[self.key[1]]
        scope = exercise.scope(self.key[0])
        for node in (self.key[1], *scope.asked[self.key[1]].pass_on):
            asked, kind = scope.asked[node], exercise.node(node).kind
            self.board.notices[(self.key[0], node)] = NoticeRecord(
                key=(self.key[0], node),
                kind=kind,
                sender=scope.sender[node],
                asked=asked,
                to_collect=len(asked.collect),
            )
            self.board.tallies.setdefault((self.key[0], kind), Tally())

    @property
    def record(self) -> NoticeRecord:
        """How the notice stands."""
        return self.board.notices[self.key]

    def play(self, until: int) -> NoticeRecord:
        """Play the notice until a time in ms, and return how it stands then."""
        for at, act in ((self.told.answered, "outside"), (self.told.others, "others")):
            if at < NEVER:
                self._tell(at, act)
        for node, at in self.told.below.items():
            if at < NEVER:
                self._tell(at, f"below {node}")
        for event in self.rules.first_mail(self.key, from_ms(self.told.began), "forecast"):
            self._take(event)
        while (due := self.agenda.peek()) is not None and to_ms(due.at) <= until:
            self.step()
        return self.record

    def _tell(self, at: int, act: str) -> None:
        self.agenda.add(Due(from_ms(at), Rank.ARRIVAL, -1, -1, 0, 0, act))

    def _take(self, event: AnyEvent) -> AnyEvent:
        taken = super()._take(event)
        if not isinstance(taken, ev.AnswerSent) or taken.notice != self.key:
            return taken
        if taken.answer in ("acknowledge", "repeat"):
            _sent, draft = self._under_way[taken.mail]
            if self.staff.happens("old_thread", self.key, taken.attempt):
                self.astray.append(self._goes(taken, draft))
        return taken

    def _goes(self, sent: ev.AnswerSent, draft: Draft) -> Astray:
        return Astray(
            written=to_ms(sent.at),
            arrives=to_ms(self.answer_arrives_at(sent)),
            by=0 if draft.unlisted else sent.officer,
            gone=draft.thread != self.key,
        )

    def _apply(self, event: AnyEvent) -> None:
        if isinstance(event, ev.GaveUp) and self.gave_up_at is None:
            self.gave_up_at = event.at
        self.board.apply(event)
        if isinstance(event, ev.Submitted) and event.notice != self.key:
            return  # A mail to a next hop: what becomes of it is not this notice's.
        for dues in (self.rules.follow(event), self._follow(event), self.offices.follow(event)):
            for due in dues:
                if (due.inject, due.node) == (self._place, self._node):
                    self.agenda.add(due)

    def _carry_out(self, due: Due) -> Iterator[AnyEvent]:
        if due.inject >= 0:
            return super()._carry_out(due)
        if due.act == "outside":
            return self.rules.credit(self._answer_to_another(), due.at)
        if due.act == "others":
            self.board.earlier.setdefault(self.key[1], []).append((_OTHER, self.key[1]))
            return iter(())
        return self._reported(due)

    def _answer_to_another(self) -> Received:
        return Received(
            kind="human_reply",
            mail="another",
            sender="",
            notice=self.key,
            matched_by="thread",
            officer=self.told.by,
        )

    def _reported(self, due: Due) -> Iterator[AnyEvent]:
        notice: NoticeKey = (self.key[0], NodeId(due.act.removeprefix("below ")))
        yield ev.Reported(
            at=due.at, because="below", notice=notice, channel="mail", officer=1, by=""
        )
