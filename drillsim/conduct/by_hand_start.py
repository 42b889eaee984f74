"""A drill by hand as a whole: its files stamped with the real time, its journal laid out."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, cast

from drillsim import __version__
from drillsim.conduct.by_hand import LOOK_SECONDS, ByHandDirector
from drillsim.conduct.clocks import Speed
from drillsim.conduct.hand_folder import HandFolder
from drillsim.conduct.live import wall_now
from drillsim.drill.events import OneMail
from drillsim.drill.exercise import Exercise
from drillsim.drill.tree import NodeId
from drillsim.files.scenario_file import SCENARIO, LoadedScenario, load_stored
from drillsim.i18n import _, language
from drillsim.journal.disk import make_folder
from drillsim.journal.journal import Journal
from drillsim.journal.writer import AsyncJournal
from drillsim.mail.headers import HeaderError, Mailbox, header_address
from drillsim.problem import UsageError
from drillsim.text import clean_line
from drillsim.world.references import files_digest

WAY: Final = "by-hand"
"""What `way` says in the journal of a live drill that is run by hand."""
_START = re.compile(rb"^start:[ \t]*[^\r\n]*", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class ByHand:
    """A drill by hand as it is asked for."""

    loaded: LoadedScenario
    seed: int
    path: Path
    folder: HandFolder
    desk: NodeId
    """In whose name a person sends."""
    one_mail: OneMail | None = None
    """How one mail goes to many; None: as the scenario has it."""


def desk_of(exercise: Exercise, word: str | None) -> NodeId:
    """Return the body that runs the drill: as named, else the prefecture, else the first body.

    Raises:
        UsageError: there is no such body, or it has no address to write from.
    """
    tree = exercise.tree
    prefectures = [node.id for node in tree.nodes if node.kind == "prefecture"]
    node = prefectures[0] if len(prefectures) == 1 else tree.root.id
    if word is not None:
        node = NodeId(word)
    if node not in tree.by_id:
        raise UsageError(
            _("there is no body {node}; write the id of one in the contact tree").format(
                node=clean_line(node, limit=60)
            )
        )
    try:
        header_address(mailbox_of(exercise, node).address)
    except HeaderError:
        raise UsageError(
            _("{node} has no mail address to write from; name another body with --operator").format(
                node=clean_line(tree.by_id[node].name)
            )
        ) from None
    return node


def mailbox_of(exercise: Exercise, node: NodeId) -> Mailbox:
    """Return from where a body writes."""
    body = exercise.node(node)
    return Mailbox(body.mailbox or (exercise.address(node, 1) if body.officers else ""), body.name)


def require_the_day(exercise: Exercise, now: datetime) -> None:
    """Make sure that it is the day of the scenario.

    Raises:
        UsageError: it is another one.
    """
    today = now.astimezone(exercise.zone).date()
    day = exercise.start_ex.date()
    if today != day:
        raise UsageError(
            _(
                "this drill is for {day}, and today is {today}; change start in the scenario, "
                "or write --any-day"
            ).format(day=day.isoformat(), today=today.isoformat())
        )


def stamped(loaded: LoadedScenario, now: datetime) -> LoadedScenario:
    """Return the scenario as one that starts now: the record then shows the times of the day.

    Raises:
        UsageError: its line `start:` is written in a way that cannot be replaced.
    """
    moment = now.astimezone(loaded.exercise.zone).replace(microsecond=0)
    line = f"start: {moment.isoformat()}".encode("ascii")
    data, count = _START.subn(line, loaded.files[SCENARIO])
    if count == 1:
        new = load_stored({**loaded.files, SCENARIO: data})
        if new.exercise.start_ex == moment:
            return new
    raise UsageError(_("start: stands on no line of its own in the scenario; write it so"))


def lay_out_by_hand(wanted: ByHand, now: datetime | None = None) -> tuple[Journal, LoadedScenario]:
    """Begin the journal of a drill by hand, which starts now; return it and its scenario.

    Raises:
        UsageError: the file is there already, the folder is in use, or one cannot be made.
    """
    loaded = stamped(wanted.loaded, now or wall_now())
    wanted.folder.require_unused()
    wanted.folder.prepare()
    meta = {
        "id": wanted.path.stem,
        "scenario": loaded.scenario.id,
        "seed": str(wanted.seed),
        "mode": "live",
        "way": WAY,
        "folder": str(wanted.folder.root.resolve()),
        "desk": wanted.desk,
        "one_mail": one_mail_of(loaded, wanted.one_mail),
        "speed": "1",
        "zone": loaded.tree.zone,
        "lang": language(),
        "version": __version__,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    make_folder(wanted.path.parent)
    journal = Journal.create(wanted.path, meta=meta, files=loaded.files, durable=True)
    return journal, loaded


def to_itself(exercise: Exercise, desk: NodeId) -> list[str]:
    """Return the names of messages that the desk would write to itself: they come from outside."""
    return [
        clean_line(inject.title or inject.id)
        for inject in exercise.scenario.injects
        if inject.source != "external" and desk in exercise.scope(inject.id).direct
    ]


def one_mail_of(loaded: LoadedScenario, wanted: OneMail | None) -> OneMail:
    """Return how one mail goes to many: as wanted, else as the scenario has it."""
    return wanted if wanted is not None else loaded.scenario.mail.one_mail or ""


def is_by_hand(meta: Mapping[str, str]) -> bool:
    """Whether a journal is that of a drill by hand."""
    return meta.get("mode") == "live" and meta.get("way") == WAY


def by_hand_director(
    written: AsyncJournal,
    exercise: Exercise,
    files: Mapping[str, bytes],
    speed: Speed = 1.0,
    *,
    look_seconds: float = LOOK_SECONDS,
    **options: Any,
) -> ByHandDirector:
    """Return the director of a journal; `speed` is not 1, and `look_seconds` short, in tests."""
    meta = written.journal.opening.meta
    return ByHandDirector(
        exercise,
        written,
        folder=HandFolder(Path(meta["folder"])),
        desk=mailbox_of(exercise, NodeId(meta["desk"])),
        one_mail=cast("OneMail", meta.get("one_mail", "")),
        seed=int(meta["seed"]),
        digest=files_digest(files),
        speed=speed,
        look_seconds=look_seconds,
        **options,
    )
