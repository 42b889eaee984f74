"""E-mail addresses as users write them (RFC 5321, 4.1.2), with the traps of typing Japanese.

Japanese mobile addresses with doubled or trailing dots (`taro..yamada@docomo.ne.jp` was issued by
the carriers) break the RFC and are real: they are taken with a remark.
"""

import re
import unicodedata

from drillsim.drill.model import Unfit
from drillsim.i18n import _

_LOCAL_OCTETS_MAX = 64  # RFC 5321, 4.5.3.1.1
_DOMAIN_OCTETS_MAX = 255  # RFC 5321, 4.5.3.1.2
_ATOM = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]+")
_LABEL = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?")


def refuse_address(address: str) -> None:
    """Raise where no mail can be sent to `address`.

    Raises:
        Unfit: what is wrong with it, and how to mend it.
    """
    what = _("{address} is no e-mail address").format(address=address)
    if any(c in address for c in " <>,;()"):
        raise Unfit(
            what, _("write the bare address, several as a list: [a@b.example, c@d.example]")
        )
    strange = next((c for c in address if not c.isascii() or not c.isprintable()), None)
    if strange is not None:
        folded = unicodedata.normalize("NFKC", address)
        if folded.isascii() and folded.isprintable():
            raise Unfit(
                _("{address} holds full-width characters").format(address=address),
                _("write {address}").format(address=folded),
            )
        raise Unfit(
            _("the address {address} holds the character U+{code:04X}").format(
                address=address, code=ord(strange)
            ),
            _("write ASCII letters and digits only"),
        )
    local, at, domain = address.rpartition("@")
    if not at:
        raise Unfit(what, _("write name@domain"))
    if "@" in local:
        raise Unfit(what, _("write one @ only"))
    if not local or not _ATOM.fullmatch(local) or len(local) > _LOCAL_OCTETS_MAX:
        raise Unfit(what, _("mend what stands before the @"))
    labels = domain.split(".")
    if len(labels) < 2 or len(domain) > _DOMAIN_OCTETS_MAX:
        raise Unfit(what, _("write the whole domain after the @"))
    if not all(_LABEL.fullmatch(label) for label in labels) or labels[-1].isdigit():
        raise Unfit(what, _("mend the domain after the @"))


def remark_on_address(address: str) -> str | None:
    """Return what is odd about an address that is taken all the same, or None."""
    local = address.rpartition("@")[0]
    if ".." in local or local.startswith(".") or local.endswith("."):
        return _("{address} has dots where the standard allows none").format(address=address)
    return None
