"""`drillsim serve`: the control room in a browser on this machine."""

import asyncio

import click

from drillsim.i18n import _
from drillsim.problem import ExitCode, UsageError
from drillsim.text import clean_line


@click.command(
    "serve",
    help=_(
        "Offer the control room of this folder to a browser on this machine, for those who have no "
        "terminal. The page loads nothing from outside.\n\n"
        "It answers under the printed address alone, which holds a token. Ctrl+C ends it; drills "
        "that run go on."
    ),
)
@click.option(
    "--port",
    type=click.IntRange(0, 65_535),
    help=_("Where to listen; 0: any free port. Default: 8000, or any free one."),
)
@click.option("--host", default="127.0.0.1", help=_("127.0.0.1 or ::1: this machine alone."))
@click.option("--open", "opens", is_flag=True, help=_("Open the browser as well."))
def command(port: int | None, host: str, opens: bool) -> ExitCode:
    """Serve until interrupted."""
    from drillsim.tui.web.server import LOOPBACK, DrillServer, serve

    if host not in LOOPBACK:
        raise UsageError(
            _(
                "--host {host}: the control room is served to this machine alone, since whoever "
                "opens it can run drills and read contacts; use ssh -L for another machine"
            ).format(host=clean_line(host, limit=60))
        )

    def ready(address: str) -> None:
        click.echo(address)
        click.echo(_("Open this address in a browser on this machine. Ctrl+C ends it."), err=True)
        if opens:
            import webbrowser

            webbrowser.open(address)

    try:
        asyncio.run(serve(DrillServer(host, port), ready))
    except KeyboardInterrupt:
        return ExitCode.DONE
    return ExitCode.DONE
