"""What a contact tree is looked at for, and what each finding costs: one table.

Points are taken from the hundred of the node that a finding is about (`lint` has the formula).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Literal, TypeAlias

from drillsim.i18n import N_

RuleName: TypeAlias = Literal[
    "error",
    "dead-end",
    "hangs-on-one",
    "no-stand-in",
    "same-mailbox",
    "code-name",
    "code-unknown",
    "shared-address",
    "person-twice",
    "no-off-hours",
    "no-email",
    "no-phone",
    "vague-name",
    "stale",
    "other-domain",
    "lookalike",
    "nobody-below",
    "deep",
    "odd-address",
]


@dataclass(frozen=True, slots=True)
class Rule:
    """A kind of finding: its points, its title and why it matters (both marked for `_`)."""

    points: int
    title: str
    why: str


RULES: Final[Mapping[RuleName, Rule]] = MappingProxyType(
    {
        "error": Rule(
            100,
            N_("Error in the file"),
            N_("no drill can run on this file, and no mail may reach this body"),
        ),
        "dead-end": Rule(
            100,
            N_("Nobody can be reached"),
            N_("the message ends here, and all bodies below learn nothing"),
        ),
        "hangs-on-one": Rule(
            40,
            N_("Others hang on one person"),
            N_("one absence, and every body below is cut off"),
        ),
        "no-stand-in": Rule(
            25,
            N_("No stand-in"),
            N_("one absence, and this body does not answer"),
        ),
        "same-mailbox": Rule(
            20,
            N_("Stand-in behind the same mailbox only"),
            N_("where the first does not read, this stand-in is not reached either"),
        ),
        "code-name": Rule(
            20,
            N_("Code and name disagree"),
            N_("25 names occur twice in the country: a wrong code means another body"),
        ),
        "code-unknown": Rule(
            15,
            N_("Code of no body"),
            N_("codes change with mergers; an old one is found in no list"),
        ),
        "shared-address": Rule(
            15,
            N_("One address at two bodies"),
            N_("one answer counts for the wrong body, and one dead address loses both"),
        ),
        "person-twice": Rule(
            12,
            N_("One person at two posts"),
            N_("whoever is away is missing at both, and stands in for nobody else"),
        ),
        "no-off-hours": Rule(
            10,
            N_("No contact for nights and holidays"),
            N_("most of the year lies outside office hours"),
        ),
        "no-email": Rule(
            10,
            N_("No e-mail address"),
            N_("the drill and the first report go by e-mail"),
        ),
        "no-phone": Rule(
            8,
            N_("No telephone number"),
            N_("when a mail is not answered, the telephone is the next step"),
        ),
        "vague-name": Rule(
            8,
            N_("Vague name"),
            N_("nobody knows who is meant, and nobody feels meant"),
        ),
        "stale": Rule(
            6,
            N_("Not confirmed since the last transfers"),
            N_("people move on 1 April; an old entry is the first thing that a drill finds"),
        ),
        "other-domain": Rule(
            5,
            N_("Domain unlike its neighbours"),
            N_("it is a typing error, or mail that leaves the office"),
        ),
        "lookalike": Rule(
            5,
            N_("Characters that look like others"),
            N_("they cannot be searched for, dialled or compared"),
        ),
        "nobody-below": Rule(
            5,
            N_("Nobody below"),
            N_("others of this kind pass on; here the message would stop"),
        ),
        "deep": Rule(
            5,
            N_("Too many levels"),
            N_("every level costs time, and adds people who may be away"),
        ),
        "odd-address": Rule(
            3,
            N_("Unusual address"),
            N_("some mail servers refuse it"),
        ),
    }
)
"""Every rule, the dearest first."""

SCORE_WITH_ERRORS_MAX: Final = 49
"""What a file with errors scores at most: no drill can run on it."""

LEVELS_MAX: Final = 4
"""Levels below the top before depth is a finding: centre, prefecture, body, section, desk."""
