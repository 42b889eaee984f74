"""Mails as Outlook saves them: .msg files (MS-OXMSG) in a compound file (MS-CFB), for tests."""

import struct
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

SECTOR: Final = 512
MINI: Final = 64
CUTOFF: Final = 4096
"""Streams below this size lie in the mini stream."""
FREE, END, FAT_SECTOR = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD

_STRING: Final = 0x001F
_TEXTS: Final = {"class": 0x001A, "subject": 0x0037, "header": 0x007D, "body": 0x1000}
_SENDER: Final = 0x5D01
_DELIVERED: Final = 0x0E06
_TIME: Final = 0x0040
_STORE_SUPPORT_MASK: Final = 0x340D
_UNICODE: Final = 0x00040000


def msg_file(
    *, sender: str, subject: str, body: str, header: str = "", came: datetime | None = None
) -> bytes:
    """Return a mail as a .msg file; without `header`, as one that never left an Exchange server.

    `came` is when it was put into the mailbox.
    """
    texts = {
        _TEXTS["class"]: "IPM.Note",
        _TEXTS["subject"]: subject,
        _TEXTS["body"]: body,
        _SENDER: sender,
    }
    if header:
        texts[_TEXTS["header"]] = header
    streams = {
        f"__substg1.0_{pid:04X}{_STRING:04X}": text.encode("utf-16-le")
        for pid, text in texts.items()
    }
    properties = struct.pack("<8xIIII8x", 0, 0, 0, 0)
    properties += struct.pack("<IIII", _STORE_SUPPORT_MASK << 16 | 3, 6, _UNICODE, 0)
    if came is not None:
        ticks = (came - datetime(1601, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 10
        properties += struct.pack("<IIQ", _DELIVERED << 16 | _TIME, 6, ticks)
    for pid, text in texts.items():
        size = len(text.encode("utf-16-le")) + 2
        properties += struct.pack("<IIII", pid << 16 | _STRING, 6, size, 0)
    return compound_file({"__properties_version1.0": properties, **streams})


def compound_file(streams: dict[str, bytes]) -> bytes:
    """Return a compound file with these streams in its root, and no other storage."""
    names = sorted(streams, key=lambda name: (len(name), name.upper()))
    sectors: list[bytes] = []
    fat: list[int] = []
    mini = b""
    mini_fat: list[int] = []
    places: dict[str, int] = {}
    for name in names:
        data = streams[name]
        if len(data) >= CUTOFF:
            places[name] = _put(sectors, fat, data)
        else:
            places[name] = len(mini_fat) if data else END
            count = -(-len(data) // MINI)
            mini_fat += _chain(len(mini_fat), count)
            mini += data.ljust(count * MINI, b"\0")
    mini_at = _put(sectors, fat, mini) if mini else END
    mini_fat_sectors = -(-len(mini_fat) * 4 // SECTOR)
    mini_fat_at = _put(sectors, fat, _numbers(mini_fat)) if mini_fat else END
    directory_at = _put(sectors, fat, _directory(names, streams, places, mini_at, len(mini)))
    fat_count = 1
    while (len(fat) + fat_count) * 4 > fat_count * SECTOR:
        fat_count += 1
    fat_at = list(range(len(sectors), len(sectors) + fat_count))
    fat += [FAT_SECTOR] * fat_count
    table = _numbers(fat).ljust(fat_count * SECTOR, b"\xff")
    sectors += [table[at : at + SECTOR] for at in range(0, len(table), SECTOR)]
    header = bytes.fromhex("d0cf11e0a1b11ae1") + bytes(16)
    header += struct.pack("<HHHHH6x", 0x3E, 3, 0xFFFE, 9, 6)
    header += struct.pack("<IIIII", 0, fat_count, directory_at, 0, CUTOFF)
    header += struct.pack("<IIII", mini_fat_at, mini_fat_sectors, END, 0)
    header += struct.pack("<109I", *fat_at, *[FREE] * (109 - fat_count))
    return header + b"".join(sectors)


def _put(sectors: list[bytes], fat: list[int], data: bytes) -> int:
    """Add data in sectors of its own; return the first."""
    first, count = len(sectors), -(-len(data) // SECTOR)
    padded = data.ljust(count * SECTOR, b"\0")
    sectors += [padded[at : at + SECTOR] for at in range(0, len(padded), SECTOR)]
    fat += _chain(first, count)
    return first


def _chain(first: int, count: int) -> list[int]:
    return [*range(first + 1, first + count), END] if count else []


def _numbers(values: Sequence[int]) -> bytes:
    data = struct.pack(f"<{len(values)}I", *values)
    return data.ljust(-(-len(data) // SECTOR) * SECTOR, b"\xff")


def _directory(
    names: Sequence[str],
    streams: dict[str, bytes],
    places: dict[str, int],
    mini_at: int,
    mini_size: int,
) -> bytes:
    # Each entry has the next one on its right: a tree that any reader can walk.
    entries = [_entry("Root Entry", 5, FREE, 1 if names else FREE, mini_at, mini_size)]
    for number, name in enumerate(names, 1):
        right = number + 1 if number < len(names) else FREE
        entries.append(_entry(name, 2, right, FREE, places[name], len(streams[name])))
    data = b"".join(entries)
    blank = struct.pack("<68xIII48x", FREE, FREE, FREE)
    while len(data) % SECTOR:
        data += blank
    return data


def _entry(name: str, kind: int, right: int, child: int, start: int, size: int) -> bytes:
    encoded = name.encode("utf-16-le") + b"\0\0"
    head = encoded.ljust(64, b"\0") + struct.pack("<HBB", len(encoded), kind, 1)
    links = struct.pack("<III", FREE, right, child)
    return head + links + bytes(16 + 4 + 8 + 8) + struct.pack("<IQ", start, size)
