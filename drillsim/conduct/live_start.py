"""A live drill over a mail server as a whole: its journal laid out, its director made."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, cast

from drillsim import __version__
from drillsim.conduct.by_hand_start import desk_of, one_mail_of, stamped
from drillsim.conduct.clocks import Speed
from drillsim.conduct.live import wall_now
from drillsim.conduct.mail_director import MailDirector
from drillsim.conduct.mail_servers import require_passwords
from drillsim.drill.events import OneMail
from drillsim.drill.exercise import Exercise
from drillsim.files.live_profile import PROFILE, LoadedProfile, parse_profile
from drillsim.files.scenario_file import LoadedScenario
from drillsim.i18n import language
from drillsim.journal.approval import Approval
from drillsim.journal.disk import make_folder
from drillsim.journal.journal import Journal
from drillsim.journal.reader import JournalReader
from drillsim.journal.writer import AsyncJournal
from drillsim.mail.headers import Mailbox
from drillsim.world.references import files_digest

WAY: Final = "mail"
"""What `way` says in the journal of a live drill over a mail server."""


@dataclass(frozen=True, slots=True)
class Live:
    """A live drill as it is asked for, and who approved it."""

    loaded: LoadedScenario
    profile: LoadedProfile
    seed: int
    path: Path
    approval: Approval


def desk_for(exercise: Exercise, loaded: LoadedProfile) -> Mailbox:
    """Return from where the drill writes: the profile's address, and a name.

    Raises:
        UsageError: the profile's operator is no body of the contact tree.
    """
    sender = loaded.profile.sender
    if sender.name:
        return sender
    return Mailbox(sender.address, exercise.node(desk_of(exercise, loaded.profile.operator)).name)


def lay_out_live(wanted: Live, now: datetime | None = None) -> tuple[Journal, LoadedScenario]:
    """Begin the journal of a live drill, which starts now; return it and its scenario.

    Raises:
        UsageError: the file is there already, or cannot be made; or the operator is nobody.
    """
    loaded = stamped(wanted.loaded, now or wall_now())
    desk = desk_for(loaded.exercise, wanted.profile)
    meta = {
        "id": wanted.path.stem,
        "scenario": loaded.scenario.id,
        "seed": str(wanted.seed),
        "mode": "live",
        "way": WAY,
        "profile": "" if wanted.profile.path is None else str(wanted.profile.path.resolve()),
        "desk-address": desk.address,
        "desk-name": desk.name,
        "one_mail": one_mail_of(loaded, None),
        "speed": "1",
        "zone": loaded.tree.zone,
        "lang": language(),
        "version": __version__,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    make_folder(wanted.path.parent)
    files = {**loaded.files, PROFILE: wanted.profile.data}
    journal = Journal.create(wanted.path, meta=meta, files=files, durable=True)
    wanted.approval.note(journal)
    return journal, loaded


def kept_profile(path: Path) -> LoadedProfile:
    """Return the profile with which the drill at `path` was begun.

    Raises:
        JournalError: it cannot be read.
        ProblemsError: its profile cannot be read.
    """
    with JournalReader(path) as reader:
        data, meta = reader.files[PROFILE], reader.opening.meta
    return parse_profile(data, PROFILE, Path(meta["profile"]) if meta.get("profile") else None)


def require_ready(path: Path) -> None:
    """Make sure that the passwords of a live drill are at hand, before it goes on.

    Raises:
        UsageError: one is not.
    """
    require_passwords(kept_profile(path))


def mail_director(
    written: AsyncJournal,
    exercise: Exercise,
    files: Mapping[str, bytes],
    speed: Speed = 1.0,
    **options: Any,
) -> MailDirector:
    """Return the director of a journal; `speed` is not 1 in tests."""
    meta = written.journal.opening.meta
    return MailDirector(
        exercise,
        written,
        profile=kept_profile(written.journal.path),
        desk=Mailbox(meta["desk-address"], meta["desk-name"]),
        one_mail=cast("OneMail", meta.get("one_mail", "")),
        seed=int(meta["seed"]),
        digest=files_digest(files),
        speed=speed,
        **options,
    )
