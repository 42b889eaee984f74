"""The profile of a live drill: over which servers it goes, in whose name, and to whom it may write.

It is a TOML file that an office keeps beside its scenarios. No password stands in it, and no server
is spoken to without encryption. Whatever is wrong is a `Problem` with its line.
"""

import hashlib
import os
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    ValidationError,
    model_validator,
)

from drillsim.drill.model import Line, Model, Unfit
from drillsim.drill.tree import NodeId
from drillsim.files.model_faults import did_you_mean, known_keys, listed, shown
from drillsim.files.passwords import PasswordSource
from drillsim.files.yaml_reader import read_bytes
from drillsim.i18n import _
from drillsim.mail.headers import HeaderError, Mailbox, header_address
from drillsim.problem import Problem, ProblemsError

FORMAT: Final = "drillsim-live/1"
PROFILE: Final = "live-profile.toml"
"""Under this name a journal keeps the profile with which its drill was begun."""
BYTES_MAX: Final = 100_000

Security = Literal["starttls", "tls"]
"""Both are encrypted from before the first word that matters; there is no third way."""

_HOST: Final = re.compile(r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}\.?))+|\[?[0-9A-Fa-f:.]+\]?")
_DOMAIN: Final = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}")
_TABLE: Final = re.compile(r"^\s*\[\s*([A-Za-z0-9_.-]+)\s*\]")
_KEY: Final = re.compile(r"""^(\s*)(?:"([^"]+)"|'([^']+)'|([A-Za-z0-9_-]+))\s*=\s*""")
_AT: Final = re.compile(r"\(at line (\d+), column (\d+)\)")


def _host(value: Any) -> Any:
    if isinstance(value, str) and not _HOST.fullmatch(value.strip()):
        raise Unfit(
            _("is no name of a server"), _("write a name such as mail.pref.example, without a port")
        )
    return value


def _address(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return header_address(value.strip())
    except HeaderError:
        raise Unfit(
            _("{value} is no mail address").format(value=shown(value)),
            _("write one such as kunren@pref.example"),
        ) from None


def _domain(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    text = value.strip().lower().removeprefix("@")
    if not _DOMAIN.fullmatch(text):
        raise Unfit(
            _("{value} is no domain").format(value=shown(value)),
            _("write one such as city.example; each one in full"),
        )
    return text


def _security(value: Any) -> Any:
    if isinstance(value, str) and value not in ("starttls", "tls"):
        raise Unfit(
            _("{value} would not be encrypted for certain").format(value=shown(value)),
            _("write starttls or tls; nothing else is spoken"),
        )
    return value


def _sender(value: Any) -> Any:
    return {"address": value} if isinstance(value, str) else value


Host = Annotated[str, BeforeValidator(_host)]
Address = Annotated[str, BeforeValidator(_address)]
Domain = Annotated[str, BeforeValidator(_domain)]
Encrypted = Annotated[Security, BeforeValidator(_security)]
Port = Annotated[int, Field(ge=1, le=65535)]
Password = Annotated[
    PasswordSource, BeforeValidator(PasswordSource.parse), PlainSerializer(str, return_type=str)
]


class _Profiled(Model):
    """A part of the profile; pydantic's own words never hold what stands in the file."""

    model_config = ConfigDict(
        hide_input_in_errors=True, strict=True, arbitrary_types_allowed=True, extra="forbid"
    )


class Sender(_Profiled):
    """In whose name the drill writes, and where answers go."""

    address: Address
    name: Line = Field(default="", max_length=200)
    """Shown with the address; the name of the operating body if empty."""


class _Account(_Profiled):
    """A server that is spoken to, encrypted."""

    host: Host
    port: Port
    security: Encrypted
    ca_file: str = ""
    """Certificates (PEM) that are trusted beside those of the system; as from the profile."""


class Submission(_Account):
    """The server that takes the drill's mails (RFC 6409)."""

    user: Line = ""
    """Whom the server knows; empty where it asks nobody (it knows the machine)."""
    password: Password | None = None
    mails_per_minute: Annotated[float, Field(gt=0, le=100_000)] | None = None
    """None: as many as the server takes. The stop of a drill does not go by it."""
    stop_mails_per_minute: Annotated[float, Field(gt=0, le=100_000)] | None = None
    """For the real-incident stop alone; None: as many as the server takes."""
    sessions: Annotated[int, Field(ge=1, le=16)] = 2
    """Connections of the stop, beside the one over which the drill's mails go."""
    hello: Host | Literal[""] = ""
    """What this machine calls itself (EHLO); empty: as the system has it."""

    @model_validator(mode="after")
    def _whole(self) -> "Submission":
        if self.user and self.password is None:
            raise Unfit(_("password is missing"), _('write password = "env:NAME"'), "user")
        if self.password is not None and not self.user:
            raise Unfit(_("user is missing"), _("write whom the server knows"), "password")
        return self


class ImapMailbox(_Account):
    """The mailbox that answers come to (IMAP, RFC 9051)."""

    user: Line = Field(min_length=1)
    password: Password
    folder: Line = Field(default="INBOX", min_length=1)
    after: Literal["leave", "seen", "move"] = "leave"
    """What becomes of a mail there once the journal has it."""
    move_to: Line = ""
    """The folder that mails are moved to."""

    @model_validator(mode="after")
    def _moved_somewhere(self) -> "ImapMailbox":
        if (self.after == "move") != bool(self.move_to):
            raise Unfit(
                _("mails are moved to a folder, and only then one is named"),
                _('write after = "move" and move-to = "Drill"'),
                "move-to" if self.move_to else "after",
            )
        return self


class Exchanger(_Profiled):
    """The drill takes its answers itself: a mail server of the office hands them on to it."""

    listen: Host = "127.0.0.1"
    port: Port


class Allowed(_Profiled):
    """To whom the drill may write; everybody else is refused by the sender itself."""

    domains: tuple[Domain, ...] = ()
    """Each in full; domains below it are others."""
    addresses: tuple[Address, ...] = ()

    @model_validator(mode="after")
    def _someone(self) -> "Allowed":
        if not (self.domains or self.addresses):
            raise Unfit(
                _("nobody may be written to"),
                _('write domains = ["city.example"] or addresses'),
                "domains",
            )
        return self


class LiveProfile(_Profiled):
    """How a drill goes over the office's own mail servers."""

    format: Literal["drillsim-live/1"]
    title: Line = Field(min_length=1, max_length=200)
    from_: Annotated[Sender, BeforeValidator(_sender)]
    operator: NodeId | None = None
    """The body that runs the drill; the prefecture if not given."""
    plus_addresses: bool = False
    """Whether the office's server delivers local+token@domain to local@domain."""
    submission: Submission
    mailbox: ImapMailbox | None = None
    exchanger: Exchanger | None = None
    allow: Allowed

    @model_validator(mode="after")
    def _one_way_in(self) -> "LiveProfile":
        if (self.mailbox is None) == (self.exchanger is None):
            raise Unfit(
                _("answers come in by a mailbox or by an exchanger, by one of them"),
                _("write [mailbox] or [exchanger]"),
                None if self.mailbox is None else "exchanger",
            )
        return self

    @property
    def sender(self) -> Mailbox:
        """From where the drill writes."""
        return Mailbox(self.from_.address, self.from_.name)

    def allows(self, address: str) -> bool:
        """Whether the drill may write to `address`; capitals make no difference."""
        plain = address.strip().lower()
        if plain in {each.lower() for each in self.allow.addresses}:
            return True
        return plain.rpartition("@")[2] in self.allow.domains and "@" in plain

    def outside(self, addresses: Sequence[str]) -> list[str]:
        """Return those to whom the drill may not write, each once, in their order."""
        return list(dict.fromkeys(each for each in addresses if not self.allows(each)))


@dataclass(frozen=True, slots=True)
class LoadedProfile:
    """A profile with the bytes that it was read from."""

    profile: LiveProfile
    data: bytes
    path: Path | None
    """None for one that comes out of a journal."""

    @property
    def digest(self) -> str:
        """SHA-256 of its bytes."""
        return hashlib.sha256(self.data).hexdigest()

    def beside(self, name: str) -> Path:
        """Return the path of a file that the profile names, relative to its own folder."""
        return (self.path.parent if self.path is not None else Path()) / name


def load_profile(path: str | os.PathLike[str]) -> LoadedProfile:
    """Return the profile in the file at `path`.

    Raises:
        UnreadableError: the file cannot be had.
        ProblemsError: it has faults; they are listed in file order.
    """
    name = os.fspath(path)
    return parse_profile(read_bytes(Path(path), name, limit=BYTES_MAX), name, Path(path))


def parse_profile(data: bytes, name: str, path: Path | None = None) -> LoadedProfile:
    """Return the profile in `data`; problems call the file `name`.

    Raises:
        ProblemsError: it has faults.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise ProblemsError(
            [Problem(name, 1, 1, _("this file is not UTF-8"), _("save it as UTF-8"))]
        ) from None
    try:
        values = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # A TOMLDecodeError is a ValueError.
        raise ProblemsError([_no_toml(str(error), text, name)]) from None
    try:
        return LoadedProfile(LiveProfile.model_validate(_as_lists(values)), data, path)
    except ValidationError as error:
        found = sorted(_problems(error, _Places(text), name))
    # Outside of the handler: what pydantic knows of the file goes no further.
    raise ProblemsError(found)


def _as_lists(value: Any) -> Any:
    """Return TOML's values as the models take them: arrays as tuples."""
    if isinstance(value, dict):
        return {key: _as_lists(each) for key, each in value.items()}
    if isinstance(value, list):
        return tuple(_as_lists(each) for each in value)
    return value


def _no_toml(said: str, text: str, name: str) -> Problem:
    at = _AT.search(said)
    line = int(at[1]) if at else max(1, text.count("\n"))
    column = int(at[2]) if at else 1
    return Problem(
        name, line, column, _("this is no TOML"), _('write key = "text", true, or a number')
    )


class _Places:
    """Where keys and tables stand in a TOML file; tomllib does not say."""

    def __init__(self, text: str) -> None:
        self._tables: dict[tuple[str, ...], tuple[int, int]] = {}
        self._keys: dict[tuple[str, ...], tuple[int, int]] = {}
        table: tuple[str, ...] = ()
        for number, line in enumerate(text.splitlines(), 1):
            if head := _TABLE.match(line):
                table = tuple(head[1].split("."))
                self._tables.setdefault(table, (number, line.index("[") + 1))
            elif key := _KEY.match(line):
                name = key[2] or key[3] or key[4]
                self._keys.setdefault((*table, name), (number, len(key[1]) + 1))

    def of(self, loc: Sequence[str | int]) -> tuple[int, int]:
        """Return line and column of what stands at `loc`, or of the nearest thing around it."""
        path = tuple(str(step) for step in loc if isinstance(step, str))
        while path:
            if place := self._keys.get(path) or self._tables.get(path):
                return place
            path = path[:-1]
        return (1, 1)


def _problems(error: ValidationError, places: _Places, name: str) -> Iterator[Problem]:
    for fault in error.errors(include_url=False, include_input=False):
        loc: tuple[str | int, ...] = tuple(
            step for step in fault["loc"] if not (isinstance(step, str) and step.startswith("func"))
        )
        context = fault.get("ctx", {})
        if isinstance(context.get("error"), Unfit) and context["error"].key is not None:
            loc = (*loc, context["error"].key)
        line, column = places.of(loc)
        message, remedy = _words(fault["type"], loc, context)
        yield Problem(name, line, column, message, remedy)


def _words(kind: str, loc: Sequence[str | int], context: dict[str, Any]) -> tuple[str, str]:
    """Return a fault and its remedy; the value itself is not repeated, it may be a password."""
    names = [step for step in loc if isinstance(step, str)]
    key = names[-1] if names else _("the file")
    match kind:
        case "missing" if len(names) == 1 and names[0] in ("submission", "allow"):
            return _("{key} is missing").format(key=f"[{key}]"), _(
                "write the table [{key}]"
            ).format(key=key)
        case "missing":
            return _("{key} is missing").format(key=key), _("write {key} =").format(key=key)
        case "extra_forbidden":
            known = known_keys(LiveProfile, names[:-1])
            meant = did_you_mean(key, known)
            return _("the key {key} is not known here").format(key=shown(key)), (
                _("did you mean {word}?").format(word=meant)
                if meant
                else _("write {choices}").format(choices=listed(known))
            )
        case "value_error" if isinstance(context.get("error"), Unfit):
            unfit: Unfit = context["error"]
            whole = unfit.message if unfit.key or not names else f"{key} {unfit.message}"
            return whole, unfit.remedy
        case "literal_error" if key == "format":
            return _("{key} is none that this version reads").format(key=key), _(
                'write format = "{format}"'
            ).format(format=FORMAT)
        case "literal_error":
            return _("{key} is none of the words that may stand there").format(key=key), _(
                "write {choices}"
            ).format(choices=str(context.get("expected", "")).replace("'", ""))
        case "greater_than_equal" | "greater_than":
            return _("{key} is too small").format(key=key), _("write {limit} or more").format(
                limit=context.get("ge", 1)
            )
        case "less_than_equal":
            return _("{key} is too large").format(key=key), _("write {limit} or less").format(
                limit=context["le"]
            )
        case "string_too_short":
            return _("{key} is empty").format(key=key), _("write something there")
        case "int_type" | "float_type" | "int_from_float":
            return _("{key} must be a number").format(key=key), _("write it without quotes")
        case "bool_type":
            return _("{key} must be true or false").format(key=key), _("write it without quotes")
        case "string_type":
            return _("{key} must be a text").format(key=key), _("write it in quotes")
        case "tuple_type":
            return _("{key} must be a list").format(key=key), _('write ["one", "two"]')
        case "model_type" | "model_attributes_type":
            return _("{key} must be a table").format(key=key), _("write [{key}]").format(key=key)
        case _:
            return _("{key} does not fit").format(key=key), _("see docs/live.md")
