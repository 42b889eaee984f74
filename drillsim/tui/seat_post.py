"""How a mail leaves a seat: by SMTP to the sink of its drill, as real mail does."""

from drillsim.i18n import _
from drillsim.mail.compose import HeaderError, Letter, NotADrillMailError, compose
from drillsim.problem import UsageError
from drillsim.text import clean_line
from drillsim.tui.following import Following

_TIMEOUT_SECONDS = 10.0


async def send(following: Following, letter: Letter) -> tuple[str, ...]:
    """Hand a letter to the sink of the drill that is followed; return the addresses it refused.

    The sink has the mail on disk before it says that it took it. The director credits it when its
    drill time comes, or when the drill is gone on with.

    Raises:
        UsageError: it was not taken, in users' words; it can be sent again.
    """
    from drillsim.mail.submit import SubmitFailedError, Submitter

    if following.sink is None:
        raise UsageError(_("the drill takes no mail yet; send it again in a moment"))
    host, port = following.sink
    try:
        raw = compose(letter)
        async with Submitter(
            host, port, connections=1, timeout_seconds=_TIMEOUT_SECONDS
        ) as submitter:
            result = await submitter.submit(letter.envelope_from, letter.envelope_to, raw)
    except (NotADrillMailError, HeaderError) as fault:
        raise UsageError(clean_line(str(fault), limit=300)) from None
    except SubmitFailedError as fault:
        why = clean_line(str(fault), limit=120)
        raise UsageError(
            _("it was not sent ({why}); is the drill still run? The draft is kept").format(why=why)
        ) from None
    if not result.accepted:
        raise UsageError(
            _("no address was accepted: {addresses}").format(
                addresses=clean_line(", ".join(result.refused), limit=200)
            )
        )
    return tuple(result.refused)
