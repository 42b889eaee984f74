"""Over a hundred hostile scenarios and texts: each is refused with its line, fast and small.

They are checked one after the other in a process of its own, which tells how long each took and
how large the process became.
"""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import pytest

BAD = Path(__file__).parents[1] / "data" / "bad"
SECONDS_MAX = 1.0
MEGABYTES_MAX = 200

TEXTS = [
    # Ways to what a text may not touch.
    "{{ ''.__class__ }}", "{{ ''.__class__.__mro__[1].__subclasses__() }}", "{{ place.__init__ }}",
    "{{ place['__class__'] }}", "{{ place|attr('__class__') }}", "{{ place.upper() }}",
    "{{ [].append(1) }}", "{{ {}.items() }}", "{{ self }}", "{{ self._TemplateReference__x }}",
    "{{ config }}", "{{ request }}", "{{ lipsum.__globals__ }}", "{{ cycler }}", "{{ joiner }}",
    "{{ namespace() }}", "{{ dict(a=1) }}", "{{ url_for.__globals__ }}", "{{ caller() }}",
    "{{ loop.index }}", "{{ varargs }}", "{{ ''|format }}", "{{ '%s%s'|format(place) }}",
    "{{ '{0.__class__}'.format(place) }}", "{{ place|map('attr', 'x') }}", "{{ place|pprint }}",
    "{{ place|tojson }}", "{{ place|safe }}", "{{ place|xmlattr }}", "{{ place|urlize }}",
    "{{ place|random }}", "{{ ().__class__.__base__ }}", "{{ true.__class__ }}", "{{ none.x }}",
    # Work without end.
    "{{ range(10**9) }}", "{{ 'a' * 10**9 }}", "{{ 9**9**9 }}", "{{ place * 999999999 }}",
    "{% for i in range(999999999) %}x{% endfor %}", "{% for a in place %}{{ a }}{% endfor %}",
    "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
    "{% set x = 'a' %}{{ x }}", "{% call m() %}{% endcall %}", "{{ place|center(999999999) }}",
    "{{ place|indent(999999999) }}", "{{ place|replace('', 'x') }}", "{{ place|wordwrap(1) }}",
    "{{ [1] * 10**9 }}", "{{ (1,) * 10**9 }}", "{{ place|batch(1) }}", "{{ '%0999999999d' % 1 }}",
    # Other files, other statements.
    "{% include '/etc/passwd' %}", "{% import 'os' as os %}", "{% from 'os' import system %}",
    "{% extends 'x' %}", "{% block x %}{% endblock %}", "{% do place %}", "{% debug %}",
    "{% autoescape false %}{{ place }}{% endautoescape %}", "{% filter upper %}x{% endfilter %}",
    "{% with a = 1 %}{{ a }}{% endwith %}", "{% trans %}x{% endtrans %}", "{% raw %}{{",
    # Not whole, not known, too deep.
    "{{ place", "{% if %}", "{{ }}", "{{ place }", "{{ nothing }}", "{{ place|nothing }}",
    "{{ place is nothing }}", "{{ 1/0 }}", "{{ " + "(" * 500 + "1" + ")" * 500 + " }}",
    "{{ " + "not " * 5_000 + "place }}", "{{ -" + "-" * 3_000 + "1 }}",
    "{{ " + "a." * 3_000 + "b }}",
    "{{ '" + "x" * 90_000, "{% if place %}" * 300, "{# never closed", "{{ '\\x00' ",
    # A drill that passes for the real thing.
    "これは訓練ではありません。", "これは、訓練ではない。", "This is not a drill.",
    "本メールは実際の通報です。",
    "これは訓\u200b練ではありません", "\u202eこれは訓練ではありません",
]  # fmt: skip

FILES: dict[str, str | bytes] = {
    "tag": "a: !!python/object/apply:os.system ['true']\n",
    "tag-new": "!!python/object/new:os.system [true]\n",
    "tag-name": "a: !!python/name:os.system\n",
    "tag-binary": "a: !!binary AAAA\n",
    "tag-own": "!x a: b\n",
    "tag-map": "a: !!omap [b: c]\n",
    "merge-key": "a: &a {b: c}\nd: {<<: *a}\n",
    "billion-laughs": "a: &a [l,l,l,l,l,l,l,l,l]\n" + "".join(
        f"{name}: &{name} [{','.join([f'*{chr(ord(name) - 1)}'] * 9)}]\n" for name in "bcdefghij"
    ),
    "alias-to-itself": "a: &a [*a]\n",
    "alias-to-nothing": "a: *b\n",
    "two-documents": "a: b\n---\nc: d\n",
    "scalar-10-mb": "a: " + "x" * 10_000_000 + "\n",
    "block-10-mb": "a: |\n" + "  訓練\n" * 1_200_000,
    "key-10-mb": "x" * 10_000_000 + ": a\n",
    "levels-flow": "[" * 10_000,
    "levels-block": "".join("  " * (n % 400) + "- \n" for n in range(400)) + "- " * 10_000 + "a\n",
    "levels-map": "{a: " * 10_000,
    "doubled-keys": "a: 1\n" * 3_000,
    "key-is-a-list": "? [a, b]\n: c\n",
    "key-is-a-map": "? {a: b}\n: c\n",
    "not-utf8": b"a: \xff\xfe\n",
    "utf16": "a: b\n".encode("utf-16"),
    "control": "a: b\x07\n",
    "escape": "a: \x1b]52;c;AAAA\x07\n",
    "nul": "a: b\x00\n",
    "only-a-scalar": "訓練\n",
    "only-a-list": "- a\n- b\n",
    "empty": "",
    "open-quote": 'a: "b\n',
    "open-bracket": "a: [b\n",
    "tab": "a:\n\tb: c\n",
    "anchor-flood": "".join(f"a{n}: &a{n} x\n" for n in range(60_000)),
    "directive": "%YAML 9.9\n---\na: b\n",
    "many-entries": "a: [" + "x," * 300_000 + "]\n",
}  # fmt: skip

CHECKING = """
import json, resource, sys, time
from pathlib import Path

def largest():
    # ru_maxrss of a child counts its parent, too (Linux keeps the maximum over exec).
    status = Path("/proc/self/status")
    if status.exists():
        line = next(l for l in status.read_text().splitlines() if l.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024

from drillsim.files.checking import check_paths
from drillsim.i18n import set_language
from drillsim.problem import CommandError

set_language("en")
for path in sorted(Path().glob("hostile-*.yaml")):
    began = time.process_time()
    try:
        lines = [str(each) for each in check_paths([path.name]).problems]
        text = ""
    except CommandError as error:
        lines = str(error).splitlines()
    except BaseException as error:
        lines = [f"RAISED {error!r}"]
    took = time.process_time() - began
    print(json.dumps({"name": path.stem, "took": took, "megabytes": largest(), "lines": lines[:5]}))
"""


@cache
def found(folder: Path) -> dict[str, dict[str, Any]]:
    """Return what `check` made of each hostile file."""
    done = subprocess.run(
        [sys.executable, "-c", CHECKING],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return {line["name"]: line for line in lines}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("resource", reason="the size of a process is not told there")
    folder = tmp_path_factory.mktemp("hostile")
    story = (BAD / "good-scenario.yaml").read_text("utf-8")
    (folder / "good-tree.yaml").write_bytes((BAD / "good-tree.yaml").read_bytes())
    for number, text in enumerate(TEXTS):
        spoilt = story.replace("{{ place }}で障害が発生しました。", text)
        (folder / f"hostile-text-{number:03}.yaml").write_text(spoilt, "utf-8")
    for name, content in FILES.items():
        data = content.encode() if isinstance(content, str) else content
        (folder / f"hostile-file-{name}.yaml").write_bytes(data)
    return folder


def test_there_are_over_a_hundred() -> None:
    assert len(TEXTS) + len(FILES) >= 110


@pytest.mark.parametrize("number", range(len(TEXTS)))
def test_a_hostile_text_is_refused_with_its_line(number: int, folder: Path) -> None:
    told = found(folder)[f"hostile-text-{number:03}"]
    assert told["lines"], TEXTS[number][:80]
    where = [line.split(":")[1] for line in told["lines"]]
    # The text stands in line 21; what is wrong with the whole text is told where it begins.
    assert set(where) & {"19", "20", "21", "22"}, told["lines"]
    assert told["took"] < SECONDS_MAX
    assert told["megabytes"] < MEGABYTES_MAX


@pytest.mark.parametrize("name", FILES)
def test_a_hostile_file_is_refused_with_its_line(name: str, folder: Path) -> None:
    told = found(folder)[f"hostile-file-{name}"]
    assert told["lines"]
    assert told["lines"][0].startswith(f"hostile-file-{name}.yaml:"), told["lines"]
    assert all(line.isprintable() for line in told["lines"])
    assert told["took"] < SECONDS_MAX
    assert told["megabytes"] < MEGABYTES_MAX
