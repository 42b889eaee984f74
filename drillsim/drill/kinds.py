"""The words for the kinds of nodes."""

from drillsim.drill.tree import NodeKind
from drillsim.i18n import _


def kind_word(kind: NodeKind) -> str:
    """Return the word for a kind of node: the name of its tier."""
    return {
        "national-center": _("national centre"),
        "prefecture": _("prefecture"),
        "municipality": _("municipality"),
        "section": _("section"),
        "branch": _("branch office"),
        "contractor": _("contractor"),
        "joint-body": _("joint body"),
    }[kind]


def kinds_words(kind: NodeKind) -> str:
    """Return the words for many nodes of a kind, as they follow a number."""
    return {
        "national-center": _("national centres"),
        "prefecture": _("prefectures"),
        "municipality": _("municipalities"),
        "section": _("sections"),
        "branch": _("branch offices"),
        "contractor": _("contractors"),
        "joint-body": _("joint bodies"),
    }[kind]
