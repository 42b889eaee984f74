"""Drills whose names, subjects and values try to break out of a header: nothing does.

The suite runs some of them; `DRILLSIM_HOSTILE_DRILLS=200` runs as many as asked for.
"""

import asyncio
import os
import random
import re
from dataclasses import dataclass
from email import message_from_bytes
from email.header import decode_header, make_header
from email.utils import getaddresses
from pathlib import Path
from typing import Any

import pytest

from drillsim.conduct.drill_address import DRILL_MAILBOX
from drillsim.conduct.rehearsal import Wanted, conduct, lay_out
from drillsim.drill.calendar import Calendar
from drillsim.drill.exercise import Exercise
from drillsim.files.scenario_file import LoadedScenario
from drillsim.journal import JournalReader
from drillsim.mail.parsing import parse_fields
from tests import examples

DRILLS = int(os.environ.get("DRILLSIM_HOSTILE_DRILLS", "10"))

PIECES = (
    "\r\nBcc: x@evil.example", "\nBcc: x@evil.example\n\nbody", "\r", "\x0b", "\x0c", "\x85",
    "=?utf-8?q?=0ABcc:_x@evil.example?=", "=?utf-8?B?DQpCY2M6IHhAZXZpbC5leGFtcGxl?=",
    "=?iso-2022-jp?B?GyRCJCIbKEI=?=", '"', "\\", "<x@evil.example>", "x@evil.example,", ";", ":",
    "(", ")", "@", "Bcc: x@evil.example", "　", " ", "\t", "é", "𠮷", "㈱髙﨑", "ｶﾞ", "ｱｲｳ",
    "あ" * 60, "a" * 120, "--", "\r\n.\r\n", "%s", "%0d%0a", "$(id)", "山口市", "課長", "Ré:",
    "Re:", "【訓練】", "[外部]", "\x1b[31m", "\x1b]52;c;eA==\x07", "[/]", "&lt;b&gt;", "<b>",
)  # fmt: skip
LINE_BREAKS = re.compile(r"[\r\n]")
COMMON = ["from", "to", "subject", "date", "message-id", "x-drillsim", "mime-version"]
BODY = ["content-type", "content-transfer-encoding"]
OPTIONAL = {"cc", "reply-to", "in-reply-to", "references", "auto-submitted"}
ORDER = [
    "from", "to", "cc", "reply-to", "subject", "date", "message-id", "in-reply-to", "references",
    "auto-submitted", "x-drillsim", "mime-version", "content-type", "content-transfer-encoding",
]  # fmt: skip


@dataclass(frozen=True)
class Hostile:
    """A scenario and a tree made of hostile pieces, from a seed."""

    chance: random.Random

    def text(self, count: int = 4) -> str:
        return "".join(self.chance.choice(PIECES) for _ in range(self.chance.randint(1, count)))

    def line(self, count: int = 3) -> str:
        """Return what a file may hold where only one line may stand."""
        return LINE_BREAKS.sub(" ", self.text(count)).strip()[:80] or "x"

    def subject(self) -> str:
        plain = self.line(2).replace("{", "").replace("}", "")
        return f"{plain[:60]}{{{{ evil }}}}"

    def tree(self) -> Any:
        def officers(node: str) -> list[dict[str, Any]]:
            return [
                {
                    "name": self.line(),
                    "role": self.line(),
                    "email": f"o{n}.{self.chance.choice(('a', 'b-c', 'd+e'))}@{node}.example",
                    "phone": "000-000-0000",
                }
                for n in (1, 2)
            ]

        nodes = ("n", "n1", "n1-1", "n1-2", "n1-3")
        return examples.tree(
            changes={node: {"name": self.line(), "officers": officers(node)} for node in nodes}
        )

    def scenario(self) -> Any:
        chance = self.chance
        inject = {
            **examples.INJECT,
            "subject": self.subject(),
            "body": "{{ to_body }} {{ officer }} 様\n\n{{ evil }}\n{{ fact }}\n{{ report_form }}",
            "report": {**examples.INJECT["report"], "sheet": chance.choice(("true", "false"))},
        }
        if chance.random() < 0.5:
            inject["pass-on"] = {"to": "children", "within": "30m", "subject": self.subject()}
        form = [
            {"id": "terminals", "label": self.line(1)[:40] + "台数", "type": "integer"},
            {"id": "words", "label": "連絡事項"},
        ]
        rates = ("reply-all", "answer-twice", "one-mail-to-all", "fact-changed", "by-sheet")
        people = {
            **examples.CALM,
            **{rate: f"{chance.choice((0, 50, 100))}%" for rate in rates},
            "absence-notice": "20%",
            "dead-address": "10%",
        }
        return examples.scenario(
            injects=[inject],
            people=people,
            title=self.line(1)[:60],
            forms={"status": form},
            values={"evil": self.text(2)[:60]},
            facts={"fact": self.text(2)[:60]},
            mail={
                "charset": chance.choice(("utf-8", "iso-2022-jp")),
                "html": chance.choice(("true", "false")),
            },
        )


def loaded(seed: int) -> LoadedScenario:
    made = Hostile(random.Random(seed))
    tree, story = made.tree(), made.scenario()
    exercise: Exercise = examples.exercise(contacts=tree, story=story)
    calendar: Calendar = exercise.calendar
    files = {"scenario.yaml": b"hostile", "contacts.yaml": b"hostile"}
    return LoadedScenario(story, tree, calendar, files, None, None)


def subject_of(raw: bytes) -> str:
    field = str(message_from_bytes(raw)["Subject"])
    return str(make_header(decode_header(re.sub(r"\r?\n[ \t]", " ", field))))


@pytest.mark.parametrize("seed", range(DRILLS))
def test_no_name_or_subject_breaks_out_of_its_header(seed: int, tmp_path: Path) -> None:
    given = loaded(seed)
    path = tmp_path / "a.drill"
    journal = lay_out(Wanted(given, seed, "max", path))
    asyncio.run(conduct(journal, given, "max"))
    addresses = {
        address.lower()
        for node in given.tree.nodes
        for officer in node.officers
        for address in officer.email
    }
    with JournalReader(path) as reader:
        envelopes = [(each, reader.mail(each.hash)) for each in reader.envelopes()]
    assert envelopes
    for envelope, raw in envelopes:
        for address in envelope.recipients:
            local, _at, domain = address.lower().rpartition("@")
            own = f"{local.partition('+')[0]}@{domain}" == DRILL_MAILBOX
            assert own or address.lower() in addresses
        fields, _start = parse_fields(raw.replace(b"\r\n", b"\n"))
        names = [name for name, _value in fields.items]
        assert [name for name in names if name not in OPTIONAL and name not in BODY] == COMMON
        assert names == [name for name in ORDER if name in names]
        mail = message_from_bytes(raw)
        assert mail["Bcc"] is None
        assert [name.lower() for name in mail.keys()] == names  # noqa: SIM118
        shown = getaddresses([str(field) for field in (mail["To"], mail["Cc"]) if field])
        for _name, address in shown:
            assert address.lower() in addresses or address.startswith("kunren")
        is_from_drill = mail["X-Drillsim"] in ("notice", "passed-on")
        assert not is_from_drill or subject_of(raw).startswith("【訓練】")
        assert "【訓練】" in subject_of(raw) or mail["X-Drillsim"] == "answer"
        assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
