"""Examples that end the help of a command: whole lines, to be typed as they stand."""

from collections.abc import Mapping
from typing import Final

EXAMPLES: Final[Mapping[str, tuple[str, ...]]] = {
    "init": ("drillsim init my-drills",),
    "check": ("drillsim check", "drillsim check scenarios/r5-virus-suspicion.yaml"),
    "scenario show": ("drillsim scenario show r5-virus-suspicion",),
    "scenario new": (
        "drillsim scenario new autumn --from infected-terminal",
        "drillsim scenario new autumn --contacts contacts/own.yaml",
    ),
    "scenario msel": ("drillsim scenario msel r5-virus-suspicion -o msel.xlsx",),
    "scenario from-msel": ("drillsim scenario from-msel msel.xlsx --contacts contacts/own.yaml",),
    "contacts show": ("drillsim contacts show contacts/yamaguchi.yaml",),
    "contacts edit": (
        "drillsim contacts edit contacts/yamaguchi.yaml",
        "drillsim contacts edit contacts/yamaguchi.yaml --at 353418/2",
    ),
    "contacts new": (
        "drillsim contacts new --prefecture 岐阜県 -o contacts/gifu.yaml",
        "drillsim contacts new --national -o contacts/japan.yaml",
    ),
    "contacts import": (
        "drillsim contacts import list.xlsx contacts/own.yaml",
        "drillsim contacts import list.xlsx contacts/own.yaml --write",
    ),
    "contacts export": ("drillsim contacts export contacts/yamaguchi.yaml -o list.xlsx",),
    "contacts mapping": ("drillsim contacts mapping -o columns.yaml",),
    "contacts check": ("drillsim contacts check contacts/yamaguchi.yaml",),
    "contacts diff": ("drillsim contacts diff last-year.yaml contacts/yamaguchi.yaml",),
    "contacts confirm": (
        "drillsim contacts confirm contacts/own.yaml",
        "drillsim contacts confirm contacts/own.yaml --from latest",
    ),
    "contacts mend": ("drillsim contacts mend latest --in contacts/yamaguchi.yaml --open 1",),
    "contacts what-if": (
        "drillsim contacts what-if contacts/yamaguchi.yaml",
        "drillsim contacts what-if contacts/yamaguchi.yaml --without 350001:1",
    ),
    "plan": (
        "drillsim plan r5-virus-suspicion",
        "drillsim plan r5-virus-suspicion -o packet.docx",
    ),
    "forecast": (
        "drillsim forecast r5-virus-suspicion",
        "drillsim forecast r5-virus-suspicion --improve",
    ),
    "people fit": ("drillsim people fit drills/*.drill -o people/learnt.yaml",),
    "run": (
        "drillsim run r5-virus-suspicion",
        "drillsim run r5-virus-suspicion --seed 7 --speed max --headless",
        "drillsim run r5-virus-suspicion --seat 352012",
        "drillsim run r5-virus-suspicion --by-hand hand",
    ),
    "live preflight": ("drillsim live preflight r5-virus-suspicion --live office.toml",),
    "live check": ("drillsim live check office.toml",),
    "status": ("drillsim status", "drillsim status latest --json"),
    "watch": ("drillsim watch",),
    "review": ("drillsim review",),
    "serve": ("drillsim serve --open",),
    "seat": ("drillsim seat 352012", "drillsim seat latest 352012"),
    "judge": ("drillsim judge latest 350001 since kept",),
    "order": (
        "drillsim order pause",
        "drillsim order speed 10",
        "drillsim order inject rumour --wait",
        "drillsim order stop --reason network-down",
    ),
    "resume": ("drillsim resume",),
    "score": ("drillsim score", "drillsim score latest --rubric rubric.yaml"),
    "report": (
        "drillsim report",
        "drillsim report latest -o report.html -o report.xlsx",
        "drillsim report latest --council",
    ),
    "compare": ("drillsim compare last-year.xlsx latest",),
    "stats": ("drillsim stats r5-virus-suspicion --seeds 100",),
    "export": (
        "drillsim export latest -o copy.drill",
        "drillsim export latest --mails mails",
    ),
    "verify": ("drillsim verify",),
    "explain": ("drillsim explain answer.eml --drill latest",),
    "mail classify": ("drillsim mail classify --jsonl mails",),
}
"""By the words after `drillsim`; no example where the line of usage says it all."""
