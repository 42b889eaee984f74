"""The hash chain of a journal: records that cannot be altered without being noticed.

Every record carries the SHA-256 over the hash of the record before it and its own fields, each
preceded by its length. Record 0, the opening, names format, meta and the hashes of the kept files,
so the last hash, the *head*, stands for the whole journal. Who knows the head can tell whether
anything before it was changed, taken out, put in or cut off.

The *digest* is SHA-256 over the JSON of the drill events alone, a line each: what happened in the
drill, whatever machine, hour or interruption it happened on.
"""

import hashlib
import json
import re
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, TypeAlias

from drillsim.i18n import _
from drillsim.journal.errors import UnreadableJournalError

Stream: TypeAlias = Literal["event", "conduct", "command"]
"""What a record tells of: the drill itself; how it was run (resumed, sent again, paused, sped up);
an operator's command that was carried out."""

STREAMS = frozenset({"event", "conduct", "command"})
OPENING, SEAL = "opening", "seal"
"""The streams of the first and the last record; nobody else can write them."""

NO_HASH = bytes(32)
"""What stands for the record before the first one."""

_CANONICAL = json.JSONEncoder(
    ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
)
_LENGTHS = struct.Struct(">7I")
_AT_MAX = 2**62
_NAMED_MAIL = re.compile(r'"raw":"([0-9a-f]{64})"')


class ChainFaultError(UnreadableJournalError):
    """The chain breaks at record `seq`."""

    def __init__(
        self, seq: int, why: Literal["missing", "misplaced", "altered", "unreadable"]
    ) -> None:
        super().__init__(seq, why)
        self.seq = seq
        self.why = why

    def __str__(self) -> str:
        return self.explain(_("record {seq}").format(seq=self.seq))

    def explain(self, name: str) -> str:
        """Return what is wrong with the record that is called `name` here."""
        return {
            "missing": _("{name} is missing"),
            "misplaced": _("{name} has another in its place"),
            "altered": _("{name} is not what was written"),
            "unreadable": _("{name} cannot be read"),
        }[self.why].format(name=name)


def canonical(data: Any) -> str:
    """Return `data` as JSON of one form only: sorted keys, no spaces, UTF-8.

    Lone surrogates, which mails of bad coding bring along, are written as JSON escapes.

    Raises:
        ValueError, TypeError: `data` is not made of what JSON has (NaN, objects).
    """
    return utf8(_CANONICAL.encode(data))


def utf8(text: str) -> str:
    """Return `text` as it can be stored: a lone surrogate becomes its escape, as in JSON."""
    return text.encode("utf-8", "backslashreplace").decode()


def named_mails(text: str) -> list[str]:
    """Return the hashes of the mails that canonical JSON names in fields `raw`, at any depth.

    Inside a JSON text the quotation marks are escaped, so no user's words can look like the field.
    """
    return _NAMED_MAIL.findall(text)


@dataclass(frozen=True, slots=True)
class Entry:
    """Something to be recorded; the journal gives it its place."""

    stream: Stream
    kind: str
    json: str
    """Canonical, see `canonical`; without line breaks."""
    at_ms: int | None = None
    """Drill time in milliseconds since StartEx."""

    def __post_init__(self) -> None:
        if self.stream not in STREAMS:
            raise ValueError(f"no stream {self.stream!r}")
        if self.at_ms is not None and not -_AT_MAX < self.at_ms < _AT_MAX:
            raise ValueError(f"no drill time: {self.at_ms} ms")
        if "\n" in self.json:
            raise ValueError("canonical JSON has no line breaks")
        self.kind.encode()
        self.json.encode()


def event_entry(data: Mapping[str, Any]) -> Entry:
    """Return the entry of a drill event as `drill.events.encode` gives it: with `kind` and `at`."""
    return Entry("event", data["kind"], canonical(data), data["at"])


class Record(NamedTuple):
    """A recorded entry."""

    seq: int
    """From 1, without gaps, over all streams."""
    stream: str
    at_ms: int | None
    kind: str
    json: str
    batch: int
    """Records of one batch were committed together, or not at all."""
    key: str
    """What the caller gave for the batch: the agenda item that produced it."""

    @property
    def data(self) -> dict[str, Any]:
        """The JSON object of the record.

        Raises:
            ChainFaultError: it is none, as only somebody who wrote the whole chain anew brings
                about.
        """
        try:
            data = json.loads(self.json)
        except (ValueError, RecursionError):
            data = None
        if not isinstance(data, dict):
            raise ChainFaultError(self.seq, "altered")
        return data


def record_hash(before: bytes, record: Record) -> bytes:
    """Return the hash of `record`, which follows a record with the hash `before`."""
    at = b"" if record.at_ms is None else b"%d" % record.at_ms
    parts = (
        b"%d" % record.seq,
        record.stream.encode(),
        at,
        record.kind.encode(),
        record.json.encode(),
        b"%d" % record.batch,
        record.key.encode(),
    )
    return hashlib.sha256(b"".join((before, _LENGTHS.pack(*map(len, parts)), *parts))).digest()


class Chain:
    """Where a chain stands: its last record's number and hash, and the digest of its events."""

    __slots__ = ("_digest", "batch", "head", "key", "seq")

    def __init__(self, seq: int = -1, head: bytes = NO_HASH) -> None:
        """Begin before the opening, or behind record `seq` whose hash is `head`.

        Begun in the middle, it has no use for `digest`.
        """
        self.seq = seq
        self.head = head
        self.batch = 0
        self.key = ""
        """The last key that was not empty."""
        self._digest = hashlib.sha256()

    def copy(self) -> "Chain":
        """Return a chain that stands here and goes on by itself."""
        other = Chain(self.seq, self.head)
        other.batch, other.key = self.batch, self.key
        other._digest = self._digest.copy()
        return other

    @property
    def digest(self) -> str:
        """SHA-256 over the JSON of the events so far, each followed by a line feed."""
        return self._digest.hexdigest()

    def extend(
        self, stream: str, at_ms: int | None, kind: str, text: str, batch: int, key: str
    ) -> Record:
        """Return the next record, and stand behind it."""
        record = Record(self.seq + 1, stream, at_ms, kind, text, batch, key)
        self._go_to(record, record_hash(self.head, record))
        return record

    def accept(self, row: tuple[Any, ...]) -> Record:
        """Return the record in `row` (its fields, then its hash), and stand behind it.

        Raises:
            ChainFaultError: it is not the record that was written there.
        """
        seq, stream, at_ms, kind, text, batch, key, stored = row
        expected = self.seq + 1
        if type(seq) is not int or seq < expected:
            raise ChainFaultError(expected, "misplaced")
        if seq > expected:
            raise ChainFaultError(expected, "missing")
        if not (
            type(stream) is type(kind) is type(text) is type(key) is str
            and type(batch) is int
            and (at_ms is None or type(at_ms) is int)
            and type(stored) is bytes
        ):
            raise ChainFaultError(seq, "altered")
        record = Record(seq, stream, at_ms, kind, text, batch, key)
        if record_hash(self.head, record) != stored:
            raise ChainFaultError(seq, "altered")
        self._go_to(record, stored)
        return record

    def _go_to(self, record: Record, head: bytes) -> None:
        self.seq, self.head, self.batch = record.seq, head, record.batch
        if record.key:
            self.key = record.key
        if record.stream == "event":
            self._digest.update(record.json.encode())
            self._digest.update(b"\n")
