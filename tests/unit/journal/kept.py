"""The small drill of which a journal is kept for each version, and what a journal shows."""

from typing import Any

from drillsim.drill.board import fold
from drillsim.drill.durations import to_ms
from drillsim.drill.events import decode
from drillsim.files.scenario_file import load_stored
from drillsim.journal import JournalReader

TREE = """\
format: drillsim-contacts/1
title: 架空の連絡網
nodes:
  - {id: jlis, name: 架空全国センター, kind: national-center, officers: [{name: 架空 零, email: o@jlis.example, phone: 00-0000-0000}]}
  - id: pref
    name: 架空県 市町課
    kind: prefecture
    parent: jlis
    officers:
      - {name: 架空 一, role: 担当, email: a@pref.example, phone: 00-0000-0001}
      - {name: 架空 二, role: 代理, email: b@pref.example, phone: 00-0000-0002}
  - {id: t1, name: 架空市, kind: municipality, parent: pref, officers: [{name: 架空 三, email: a@t1.example, phone: 00-0000-0003}, {name: 架空 四, email: b@t1.example, phone: 00-0000-0004}]}
  - {id: t2, name: 架空町, kind: municipality, parent: pref, also-notify: [jlis], officers: [{name: 架空 五, email: a@t2.example, phone: 00-0000-0005}, {name: 架空 六, email: b@t2.example, phone: 00-0000-0006}]}
  - {id: t3, name: 架空村, kind: municipality, parent: pref, officers: [{name: 架空 七, email: a@t3.example, phone: 00-0000-0007}, {name: 架空 八, email: b@t3.example, phone: 00-0000-0008}]}
  - {id: t4, name: 架空島, kind: municipality, parent: pref, officers: [{name: 架空 九, email: a@t4.example, phone: 00-0000-0009}]}
"""  # noqa: E501

STORY = """\
format: drillsim-scenario/1
id: kept
title: 架空の訓練
incident: {kind: fault}
contacts: kept-tree.yaml
start: 2026-10-14T10:00+09:00
window: 4h
facts: {place: 架空庁舎}
forms:
  status:
    - {id: down, label: 使用不可の台数, type: integer, expect: 0}
    - {id: error, label: エラー表示, type: choice, options: [有, 無, 確認中]}
injects:
  - id: first
    from: jlis
    to: {kind: prefecture}
    subject: 障害の発生について
    body: |
      {{ to_body }}　御担当者　様
      {{ place }}で障害が発生しました。
      {{ ack_by }}までに返信してください。
    acknowledge:
      {within: 15m, remind: [10m], stand-in-after: 25m, call-after: 30m, give-up-after: 60m}
    pass-on: {to: children, within: 30m}
    report: {within: 60m, form: status, collect: children, cut-off: 90m, remind: [70m]}
    actions: [責任者へ報告]
phases:
  initial: notice
  states:
    notice:
      level: 2
      send: [first]
      next:
        - {when: {reported: first, of: prefecture}, to: ended}
        - {when: {elapsed: 100m}, to: ended}
    ended: {final: true}
people:
  preset: announced-office-hours
  answer-twice: 50%
  no-answer: 30%
  absence-notice: 20%
  dead-address: 20%
  telephone: {}
faults:
  - {node: t1, kind: defer, from: 0m, until: 20m}
  - {node: t3, kind: unknown-address, officer: 1}
"""


def shown(reader: JournalReader) -> dict[str, Any]:
    """Return what a journal shows: where every notice stands."""
    exercise = load_stored(reader.files).exercise
    events = [decode(record.data) for record in reader.events()]
    board = fold(exercise, events)
    return {
        "count": reader.count,
        "head": reader.head,
        "digest": reader.digest,
        "kinds": sorted({event.kind for event in events}),
        "reached": sorted(board.reached),
        "mails": [board.mails_sent, board.mails_received],
        "notices": {
            " ".join(key): {
                "state": record.state.value,
                "acknowledged_ms": _ms(record.acknowledged_at),
                "by": record.acknowledged_by,
                "reported_ms": _ms(record.reported_at),
                "answers": record.answers,
                "reminders": record.reminders,
                "officer": record.officer,
            }
            for key, record in sorted(board.notices.items())
        },
    }


def _ms(at: Any) -> int | None:
    return None if at is None else to_ms(at)
