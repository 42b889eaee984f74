"""整理番号: by what a notice of a rehearsal is known, from the seed and the files alone."""

import hashlib
from collections.abc import Mapping

from drillsim.drill.events import NoticeKey
from drillsim.mail.tokens import format_token
from drillsim.world.chance import draw


def files_digest(files: Mapping[str, bytes]) -> str:
    """Return what names scenario and contact tree: a hash of their content alone."""
    whole = hashlib.sha256()
    for name in sorted(files):
        whole.update(f"{name} {len(files[name])} ".encode())
        whole.update(files[name])
    return whole.hexdigest()[:16]


def reference(seed: int, digest: str, notice: NoticeKey) -> str:
    """Return the 整理番号 of a notice: 40 bits from the seed and the digest of the files."""
    return format_token(draw(seed, f"token {digest}", *notice) >> 24)
