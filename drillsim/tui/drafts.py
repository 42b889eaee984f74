"""What was written at a seat and not sent yet: kept beside the drill, so that nothing is lost."""

import hashlib
import json
from pathlib import Path
from typing import Any

from drillsim.drill.tree import NodeId


class Drafts:
    """The drafts of one seat, each a few named texts; what cannot be kept is not complained about.

    They lie in one small file beside the drill's, by the kind of mail and what it is about.
    """

    def __init__(self, drill: Path, node: NodeId) -> None:
        mark = hashlib.sha256(node.encode()).hexdigest()[:8]
        self.path = drill.with_name(f"{drill.name}.seat-{mark}.json")
        self._drafts = self._read()

    def get(self, name: str) -> dict[str, Any]:
        """Return a draft; {} if there is none."""
        return dict(self._drafts.get(name, {}))

    def keep(self, name: str, draft: dict[str, Any]) -> None:
        """Keep a draft; the file is written only if it has changed."""
        if self._drafts.get(name) != draft:
            self._drafts[name] = draft
            self._write()

    def drop(self, name: str) -> None:
        """Forget a draft: it was sent."""
        if self._drafts.pop(name, None) is not None:
            self._write()

    def clear(self) -> None:
        """Forget all of them: the drill is over."""
        self._drafts = {}
        self._write()

    def _read(self) -> dict[str, dict[str, Any]]:
        try:
            data = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        if not isinstance(data, dict):
            return {}
        return {str(name): draft for name, draft in data.items() if isinstance(draft, dict)}

    def _write(self) -> None:
        beside = self.path.with_name(self.path.name + ".new")
        try:
            if not self._drafts:
                self.path.unlink(missing_ok=True)
                return
            beside.write_text(json.dumps(self._drafts, ensure_ascii=False), encoding="utf-8")
            beside.replace(self.path)
        except OSError:
            return  # A read-only folder: the draft lives as long as the screen.
