"""A certificate authority of the tests' own, and what it signed for the servers."""

from dataclasses import dataclass
from pathlib import Path

import trustme


@dataclass(frozen=True)
class Certificates:
    """Files in PEM."""

    authority: Path
    """What a client has to trust."""
    chain: Path
    """The servers' certificate."""
    key: Path

    @classmethod
    def write(cls, folder: Path, *names: str) -> "Certificates":
        """Make an authority, and a certificate for some names."""
        folder.mkdir()
        authority = trustme.CA()
        made = cls(folder / "ca.pem", folder / "server.pem", folder / "server.key")
        authority.cert_pem.write_to_path(str(made.authority))
        server = authority.issue_cert(*names)
        made.chain.write_bytes(b"".join(each.bytes() for each in server.cert_chain_pems))
        server.private_key_pem.write_to_path(str(made.key))
        made.key.chmod(0o600)
        return made
