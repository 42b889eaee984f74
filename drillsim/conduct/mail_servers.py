"""The office's servers as a profile names them: sessions to send over, the mailbox to read."""

import ssl
from functools import partial
from pathlib import Path

from drillsim.files.live_profile import ImapMailbox as MailboxProfile
from drillsim.files.live_profile import LoadedProfile
from drillsim.files.passwords import PasswordSource
from drillsim.i18n import _
from drillsim.mail.allowed import AllowedSession
from drillsim.mail.imap_mailbox import ImapMailbox, MailboxAccess, MailboxError
from drillsim.mail.imap_session import SIZE_MAX_BYTES
from drillsim.mail.secured import Account, SecuredSession, client_context
from drillsim.mail.sessions import Session, SubmitFailedError
from drillsim.problem import UsageError


def account_of(loaded: LoadedProfile) -> Account:
    """Return how the server that takes the mails is reached."""
    submission = loaded.profile.submission
    password = submission.password
    return Account(
        host=submission.host,
        port=submission.port,
        security=submission.security,
        user=submission.user,
        password=partial(password.read, submission.user) if password is not None else None,
        ca_file=_ca_file(loaded, submission.ca_file),
        hello=submission.hello,
    )


def new_session(loaded: LoadedProfile, context: ssl.SSLContext) -> Session:
    """Return a session that is not open yet; it refuses whoever is not in the allow-list."""
    return AllowedSession(SecuredSession(account_of(loaded), context), loaded.profile.allows)


def access_of(
    loaded: LoadedProfile, mailbox: MailboxProfile, *, size_max_bytes: int = SIZE_MAX_BYTES
) -> MailboxAccess:
    """Return how the mailbox of a profile is read; of a larger mail only the beginning."""
    return MailboxAccess(
        host=mailbox.host,
        port=mailbox.port,
        user=mailbox.user,
        password=partial(mailbox.password.read, mailbox.user),
        security=mailbox.security,
        folder=mailbox.folder,
        ca_file=_ca_file(loaded, mailbox.ca_file),
        after=mailbox.after,
        move_to=mailbox.move_to,
        size_max_bytes=size_max_bytes,
    )


def _ca_file(loaded: LoadedProfile, name: str) -> Path | None:
    return loaded.beside(name) if name else None


def require_passwords(loaded: LoadedProfile) -> None:
    """See to it that every password of a profile is at hand; none is kept.

    Raises:
        UsageError: one is not.
    """
    profile = loaded.profile
    wanted: list[tuple[PasswordSource, str]] = []
    if profile.submission.password is not None:
        wanted.append((profile.submission.password, profile.submission.user))
    if profile.mailbox is not None:
        wanted.append((profile.mailbox.password, profile.mailbox.user))
    for source, user in wanted:
        source.read(user)


async def require_servers(loaded: LoadedProfile) -> None:
    """Log in once at every server of a profile, before a drill begins; no mail is sent.

    Raises:
        UsageError: one of them cannot be reached or does not accept the account.
    """
    from datetime import UTC, datetime

    session = new_session(loaded, client_context(account_of(loaded).ca_file))
    try:
        await session.open()
        await session.close()
        if loaded.profile.mailbox is not None:
            access = access_of(loaded, loaded.profile.mailbox)
            async with ImapMailbox(access, since=datetime.now(UTC)):
                pass
    except (SubmitFailedError, MailboxError) as error:
        raise UsageError(
            _("{error}; nothing was begun, and no mail was sent").format(error=error)
        ) from None
    finally:
        session.abort()
