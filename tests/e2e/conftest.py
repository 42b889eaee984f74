"""Real mail servers for the tests of live drills, started once for all that need them."""

from collections.abc import Iterator

import pytest

from tests.e2e.servers.office import Office, office_servers


@pytest.fixture(scope="session")
def office() -> Iterator[Office]:
    """Postfix and Dovecot; every test takes mailboxes of its own (`Office.new_mailbox`)."""
    with office_servers(elsewhere=["town.example"]) as servers:
        yield servers
