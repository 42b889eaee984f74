"""The approval of a live drill: a second person enters a code that the operator's screen shows.

It is asked for before the drill's own journal is laid out, in a request file beside the place where
that will be (`.request`): a small journal, so that any other terminal can read what is to be
approved, byte for byte, and answer through its inbox. The code itself is never written down: the
request holds a hash of it, and what `drillsim approve` posts is a key derived from what was typed.
When the approval is there, or will not come, the request is deleted; the drill's own journal keeps
who asked and who approved.

This guards against haste and mistakes, not against a person who means harm: whoever can read the
operator's screen and has a terminal on this machine can enter the code.
"""

import hashlib
import hmac
import secrets
import time
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Literal, TypeAlias

from drillsim import __version__
from drillsim.i18n import _, language, ngettext
from drillsim.journal import (
    Command,
    Journal,
    JournalBusyError,
    JournalError,
    JournalReader,
    conduct_entry,
    is_held,
    post_command,
)
from drillsim.journal.approval import Approval
from drillsim.journal.disk import make_folder, remove
from drillsim.mail.tokens import TOKEN_BITS, canonical_token, format_token
from drillsim.problem import UsageError
from drillsim.text import clean_line

SUFFIX: Final = ".request"
EXPIRES_AFTER: Final = timedelta(minutes=10)
TRIES_MAX: Final = 3
NAME_LENGTH_MAX: Final = 60
_ASKED: Final = "approval-asked"
_ANSWERED: Final = "approval-answered"
_ORDER: Final = "approve"
_ROUNDS: Final = 200_000
"""Of PBKDF2: a guess costs about a tenth of a second, and there are 2**40 codes."""
_LOOK_SECONDS: Final = 0.2

_STAY_LOOKS: Final = 25
"""How often it is looked whether the second person's terminal has read the end of a request."""
_READ: Final = "read"
"""What that terminal posts when it has."""

Verdict: TypeAlias = Literal[
    "approved", "same-person", "no-name", "wrong", "void", "expired", "gone"
]
"""What became of one try. `void`: it was wrong, and the last one that was allowed. `gone`: the
request was taken away before its answer was read."""
_LAST: Final[tuple[Verdict, ...]] = ("approved", "void", "expired")
"""Verdicts with which a request ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """What is to be approved."""

    path: Path
    """Where the drill will be kept."""
    scenario: str
    """Its id."""
    recipients: int
    """How many were typed."""
    asked_by: str
    """Who wants to begin it."""
    zone: str
    files: Mapping[str, bytes]
    """Scenario, contact tree and profile as they are to be run: the second person sees these."""


# The code -----------------------------------------------------------------------------------------


def new_code() -> str:
    """Return a code by chance: eight characters that are not confused when read aloud."""
    return format_token(secrets.randbits(TOKEN_BITS))


def _key(code: str, salt: bytes, files: bytes) -> bytes:
    """Return what only someone who has the code and looks at these very files can work out."""
    spelt = canonical_token(code) or code
    return hashlib.pbkdf2_hmac("sha256", spelt.encode("utf-8", "replace"), salt + files, _ROUNDS)


def _check(key: bytes) -> str:
    return hashlib.sha256(key).hexdigest()


def _files_hash(files: Mapping[str, bytes]) -> bytes:
    whole = hashlib.sha256()
    for name in sorted(files):
        whole.update(hashlib.sha256(name.encode()).digest())
        whole.update(hashlib.sha256(files[name]).digest())
    return whole.digest()


def same_person(one: str, other: str) -> bool:
    """Whether two names are the same but for spaces, width and capitals."""
    return _plain(one) == _plain(other)


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


# The operator's side ------------------------------------------------------------------------------


def request_path(drill: Path) -> Path:
    """Return where the approval of a drill is asked for."""
    return drill.with_suffix(SUFFIX)


def ask_for_approval(
    asking: Asking,
    *,
    show: Callable[[str, Path], None],
    tell: Callable[[Verdict, str, int], None] | None = None,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    pause: Callable[[float], None] = time.sleep,
) -> Approval:
    """Ask a second person to approve a drill, and wait for it.

    Args:
        asking: what is to be approved.
        show: shows the code to the operator, and where the request is.
        tell: told of each try: what became of it, by whom it was, and how many are left.
        now: the time on the wall.
        pause: waits so many seconds.

    Raises:
        UsageError: nobody approved it in time, the wrong code was entered too often, or the request
            cannot be made. Nothing is left of it.
    """
    code, salt = new_code(), secrets.token_bytes(16)
    check = _check(_key(code, salt, _files_hash(asking.files)))
    with _request(asking) as journal:
        asked_at = now()
        expires_at = asked_at + EXPIRES_AFTER
        journal.note_conduct(
            _ASKED,
            {
                "scenario": asking.scenario,
                "recipients": asking.recipients,
                "asked_by": asking.asked_by,
                "expires_at": expires_at.isoformat(timespec="seconds"),
                "salt": salt.hex(),
                "check": check,
                "tries": TRIES_MAX,
            },
        )
        show(code, journal.path)
        waiting = _Waiting(journal, asking.asked_by, check, expires_at, tell, now)
        while (end := waiting.look()) is None:
            pause(_LOOK_SECONDS)
        approved_at = now()
        waiting.stay(pause)
    if end == "approved":
        return Approval(
            scenario=asking.scenario,
            recipients=asking.recipients,
            asked_by=asking.asked_by,
            asked_at=asked_at,
            approved_by=waiting.name,
            approved_at=approved_at,
            files=journal.opening.files,
            salt=salt.hex(),
            check=check,
        )
    if end == "void":
        raise UsageError(
            ngettext(
                "a wrong code was entered {n} time; nothing was sent, begin anew",
                "a wrong code was entered {n} times; nothing was sent, begin anew",
                TRIES_MAX,
            ).format(n=TRIES_MAX)
        )
    minutes = EXPIRES_AFTER // timedelta(minutes=1)
    raise UsageError(
        ngettext(
            "nobody approved the drill within {n} minute; nothing was sent, begin anew",
            "nobody approved the drill within {n} minutes; nothing was sent, begin anew",
            minutes,
        ).format(n=minutes)
    )


@dataclass(slots=True)
class _Waiting:
    """Waits for a second person: judges what comes into the request's inbox."""

    journal: Journal
    asked_by: str
    check: str
    expires_at: datetime
    tell: Callable[[Verdict, str, int], None] | None
    now: Callable[[], datetime]
    name: str = ""
    """Who tried last."""
    left: int = TRIES_MAX
    _is_awaited: bool = False
    """Whether somebody waits to read how it ended."""

    def look(self) -> Verdict | None:
        """Judge what has come, in order; return how the waiting ended, or None while it goes on."""
        is_late = self.now() >= self.expires_at
        try:
            commands = self.journal.take_commands(self.journal.last_command)
        except JournalBusyError:
            return None  # Somebody is just writing: the next look has it.
        for command in commands:
            verdict = self._take(command, is_late)
            if verdict in ("approved", "void"):
                return verdict
        return "expired" if is_late else None

    def stay(self, pause: Callable[[float], None]) -> None:
        """Leave the request where it is until its end was read, or a few seconds have passed."""
        for _look in range(_STAY_LOOKS if self._is_awaited else 0):
            try:
                commands = self.journal.take_commands(self.journal.last_command)
            except JournalBusyError:
                commands = []
            if any(command.kind == _READ for command in commands):
                return
            pause(_LOOK_SECONDS)

    def _take(self, command: Command, is_late: bool) -> Verdict:
        self.name = clean_line(command.author, limit=NAME_LENGTH_MAX).strip()
        verdict = self._judge(command, is_late)
        self._is_awaited = verdict in _LAST
        self.left -= verdict in ("wrong", "void")
        answer = {"command": command.id, "verdict": verdict, "left": self.left}
        self.journal.append([command.entry(None), conduct_entry(_ANSWERED, answer)])
        if self.tell is not None:
            self.tell(verdict, self.name, self.left)
        return verdict

    def _judge(self, command: Command, is_late: bool) -> Verdict:
        if is_late:
            return "expired"
        if not self.name:
            return "no-name"
        if same_person(self.name, self.asked_by):
            return "same-person"
        try:
            proof = bytes.fromhex(str(command.payload.get("proof", "")))
        except ValueError:
            proof = b""
        # In a time that does not tell how much of it agrees.
        if command.kind == _ORDER and hmac.compare_digest(_check(proof), self.check):
            return "approved"
        return "wrong" if self.left > 1 else "void"


@contextmanager
def _request(asking: Asking) -> Iterator[Journal]:
    """Lay out the request; it is deleted again, whatever happens."""
    path = request_path(asking.path)
    make_folder(path.parent)
    meta = {
        "id": asking.path.stem,
        "scenario": asking.scenario,
        "mode": "request",
        "zone": asking.zone,
        "lang": language(),
        "version": __version__,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    _clear_left_behind(path.parent)
    journal = Journal.create(path, meta=meta, files=asking.files, durable=True)
    try:
        yield journal
    finally:
        journal.close()
        remove(path)


def _clear_left_behind(folder: Path) -> None:
    """Delete the requests of processes that were killed: they hold personal data."""
    for path in folder.glob(f"*{SUFFIX}"):
        if not is_held(path):
            remove(path)


# The second person's side -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A drill that waits for its approval, as a second person sees it."""

    path: Path
    scenario: str
    recipients: int
    asked_by: str
    expires_at: datetime
    files: Mapping[str, bytes]
    salt: bytes

    def proof(self, code: str) -> str:
        """Return what shows that somebody has the code, and does not hold it."""
        return _key(code, self.salt, _files_hash(self.files)).hex()


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a try; `left` says how many more there are."""

    verdict: Verdict
    left: int


def find_request(name: str | None, folder: Path) -> Path:
    """Return the request that a user means: a path, the id of a drill in `folder`, or the only one.

    Raises:
        UsageError: nothing waits for approval, or more than one drill does and none is named.
    """
    if name is not None:
        path = Path(name)
        named = [path, request_path(path), path.with_name(path.name + SUFFIX)]
        if len(path.parts) == 1:
            named += [folder / each for each in named[1:]]
        for place in named:
            if place.suffix == SUFFIX and place.is_file() and is_held(place):
                return place
        raise UsageError(
            _("{drill} waits for no approval; drillsim run --live asks for one").format(
                drill=clean_line(name, limit=80)
            )
        )
    # One that nobody holds was left behind by a process that was killed.
    found = sorted(path for path in folder.glob(f"*{SUFFIX}") if is_held(path))
    if not found:
        raise UsageError(
            _("no drill waits for approval here; write the one that drillsim run --live shows")
        )
    if len(found) > 1:
        raise UsageError(
            _("more than one drill waits for approval; name one of {names}").format(
                names=", ".join(clean_line(path.stem) for path in found)
            )
        )
    return found[0]


def read_request(path: Path, now: datetime) -> Asked:
    """Return what is to be approved.

    Raises:
        UsageError: it is no request, or has expired.
        JournalError: it cannot be read.
    """
    with JournalReader(path) as reader:
        data = next((each.data for each in reader.records() if each.kind == _ASKED), None)
        files = reader.files
    if data is None:
        raise UsageError(
            _("{path}: nothing is to be approved here").format(path=clean_line(str(path)))
        )
    asked = Asked(
        path=path,
        scenario=str(data["scenario"]),
        recipients=int(data["recipients"]),
        asked_by=str(data["asked_by"]),
        expires_at=datetime.fromisoformat(data["expires_at"]),
        files=files,
        salt=bytes.fromhex(data["salt"]),
    )
    if now >= asked.expires_at:
        raise UsageError(_("the code has expired; the operator begins the drill anew"))
    return asked


def approve(
    asked: Asked, name: str, code: str, *, pause: Callable[[float], None] = time.sleep
) -> Answer:
    """Enter a code; return what became of it.

    A request that is gone, before or after, is no error: its operator is told what happened.
    """
    try:
        number = post_command(
            asked.path, kind=_ORDER, payload={"proof": asked.proof(code)}, author=name
        )
        reader = JournalReader(asked.path)
    except JournalError:
        return Answer("gone", 0)
    with reader:
        while True:
            try:
                records = reader.follow()
            except JournalBusyError:
                records = []
            except JournalError:
                return Answer("gone", 0)
            for record in records:
                if record.kind == _ANSWERED and record.data["command"] == number:
                    answer = Answer(record.data["verdict"], record.data["left"])
                    if answer.verdict in _LAST:
                        _say_read(asked.path, name)
                    return answer
            pause(_LOOK_SECONDS)


def _say_read(path: Path, name: str) -> None:
    """Tell the operator's terminal that the end of its request was read, and it may go."""
    with suppress(JournalError):  # It went sooner.
        post_command(path, kind=_READ, payload={}, author=name)
