"""The server behind `drillsim serve`: textual-serve, fit for closed networks and shared machines.

Its page comes from here and loads nothing from outside, which a content security policy holds to.
It listens on this machine alone, and answers only who knows the token in the address that was
printed, under this machine's own names: neither another user nor a page of another site gets in.
"""

import asyncio
import hmac
import logging
import secrets
import shlex
import subprocess
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from importlib.resources import files
from pathlib import Path
from typing import Final

from aiohttp import web
from jinja2 import Environment
from textual_serve.app_service import AppService
from textual_serve.server import Server
from typing_extensions import override

from drillsim.i18n import _, language, system_reason
from drillsim.problem import UsageError

LOOPBACK: Final = ("127.0.0.1", "localhost", "::1")
USUAL_PORT: Final = 8000
_FONT_SIZE: Final = 16
_FONT_SIZES: Final = range(8, 41)

_CELLS_MAX: Final = 1_000
_STOP_SECONDS: Final = 5.0
"""How long an app may take to leave."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

_log = logging.getLogger("textual-serve")


class _App(AppService):
    """The app of one page; its process is gone when it has stopped."""

    @override
    async def stop(self) -> None:
        await super().stop()
        if self._process is not None:
            try:
                await asyncio.wait_for(self._process.wait(), _STOP_SECONDS)
            except TimeoutError:
                self._process.kill()
                await self._process.wait()


def _cells(request: web.Request, name: str) -> int:
    """Return a width or height that the page says it has; 0 for none that could be."""
    given = request.query.get(name, "")
    return min(int(given), _CELLS_MAX) if given.isascii() and given.isdecimal() else 0


class DrillServer(Server):
    """Offers the first screen of a workspace to browsers on this machine."""

    def __init__(self, host: str = LOOPBACK[0], port: int | None = None) -> None:
        """Prepare; nothing listens yet.

        Args:
            host: one of LOOPBACK.
            port: where to listen; 0 for any that is free; None for the usual one, or any.
        """
        command = [sys.executable, "-m", "drillsim.tui.web.app", language()]
        joined = (
            subprocess.list2cmdline(command) if sys.platform == "win32" else shlex.join(command)
        )
        super().__init__(joined, host=host, port=port or 0, title="drillsim")
        self._wanted = port
        self.token = secrets.token_urlsafe(24)
        page = files("drillsim.tui.web").joinpath("page.html").read_text(encoding="utf-8")
        self._page = Environment(autoescape=True).from_string(page)
        self._runner: web.AppRunner | None = None

    @property
    def address(self) -> str:
        """What a browser is to open."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}/?token={self.token}"

    async def begin(self) -> None:
        """Listen; `port` is then where.

        Raises:
            UsageError: nothing can listen there.
        """
        self._runner = web.AppRunner(await self._make_app(), access_log=None)
        await self._runner.setup()
        ports = (USUAL_PORT, 0) if self._wanted is None else (self._wanted,)
        for port in ports:
            try:
                await web.TCPSite(self._runner, self.host, port).start()
            except OSError as fault:
                if port == ports[-1]:
                    await self._runner.cleanup()
                    raise UsageError(
                        _("port {port} cannot be used ({why}); choose another with --port").format(
                            port=port, why=system_reason(fault)
                        )
                    ) from None
            else:
                self.port = self._runner.addresses[0][1]
                return

    async def end(self) -> None:
        """Listen no more; apps that are open end, drills go on."""
        if self._runner is not None:
            await self._runner.cleanup()

    @override
    async def _make_app(self) -> web.Application:
        app = web.Application(middlewares=[self._guard])
        app.add_routes(
            [
                web.get("/", self.handle_index),
                web.get("/ws/{token}", self.handle_websocket),
                web.static("/static", Path(self.statics_path)),
            ]
        )
        return app

    @web.middleware
    async def _guard(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        """Let in who asked for this machine, from its own page, with the token."""
        name = request.host.rpartition(":")[0] or request.host
        origin = request.headers.get("Origin", f"http://{request.host}")
        if name.strip("[]") not in LOOPBACK or origin != f"http://{request.host}":
            raise web.HTTPForbidden(text=_("only pages of this machine are served"))
        given = request.match_info.get("token", request.query.get("token", ""))
        is_open = request.path.startswith("/static/")  # The same for everybody.
        if not is_open and not hmac.compare_digest(given.encode(), self.token.encode()):
            raise web.HTTPForbidden(
                text=_("open the address that drillsim serve has printed; it holds a token")
            )
        return await handler(request)

    @override
    async def handle_websocket(self, request: web.Request) -> web.WebSocketResponse:
        """Run an app for as long as its page is open."""
        websocket = web.WebSocketResponse(heartbeat=15)
        await websocket.prepare(request)
        app = _App(
            self.command,
            write_bytes=websocket.send_bytes,
            write_str=websocket.send_str,
            close=websocket.close,  # type: ignore[arg-type]  # What it returns is not used.
            download_manager=self.download_manager,
        )
        columns, rows = (_cells(request, name) for name in ("width", "height"))
        await app.start(columns or 80, rows or 24)
        try:
            with suppress(ConnectionError):  # The page was closed while the app wrote to it.
                await self._process_messages(websocket, app)
        finally:
            await app.stop()
        return websocket

    @override
    async def handle_index(self, request: web.Request) -> web.Response:
        """Answer with the page that holds the terminal."""
        nonce = secrets.token_urlsafe(16)
        size = request.query.get("fontsize", "")
        is_size = size.isdecimal() and int(size) in _FONT_SIZES
        text = self._page.render(
            lang=language(),
            wait=_("starting…"),
            closed=_("The screen was left. A drill that runs goes on."),
            again=_("open it again"),
            font_size=int(size) if is_size else _FONT_SIZE,
            token=self.token,
            nonce=nonce,
        )
        policy = (
            "default-src 'none'; connect-src 'self' ws://"
            + request.host
            + "; font-src 'self' data:; "
            f"img-src 'self' data:; script-src 'self' 'nonce-{nonce}'; "
            "style-src 'self' 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'"
        )
        headers = {
            "Content-Security-Policy": policy,
            "Referrer-Policy": "no-referrer",
            "Cache-Control": "no-store",
        }
        return web.Response(text=text, content_type="text/html", headers=headers)


async def serve(server: DrillServer, ready: Callable[[str], None]) -> None:
    """Serve until cancelled; `ready` is told the address as soon as it answers.

    Raises:
        UsageError: nothing can listen there.
    """
    _log.addHandler(logging.NullHandler())
    _log.propagate = False  # Its own logs are of no use to whoever reads this terminal.
    await server.begin()
    ready(server.address)
    try:
        await asyncio.Event().wait()
    finally:
        with suppress(asyncio.CancelledError):
            await server.end()
