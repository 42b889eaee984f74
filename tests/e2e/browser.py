"""A headless Chromium, driven by its DevTools protocol; it tells what it asked the network for."""

import asyncio
import base64
import json
import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
_OPTIONS = (
    "--headless=new --disable-gpu --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync --disable-extensions --remote-debugging-port=0"
).split()


class Page:
    """One page: what it asked for, what came over its websocket, and its keys."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self._socket = socket
        self._number = 0
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._loaded = asyncio.Event()
        self.requests: list[str] = []
        self.complaints: list[str] = []
        """What it wrote to its console, and what the browser said about it."""
        self.received = ""
        """What the app sent to the terminal, as text."""

    async def listen(self) -> None:
        async for message in self._socket:
            data = json.loads(message.data)
            if "id" in data:
                self._answers.pop(data["id"]).set_result(data.get("result", {}))
                continue
            parameters = data["params"]
            match data["method"]:
                case "Page.loadEventFired":
                    self._loaded.set()
                case "Log.entryAdded":
                    self.complaints.append(parameters["entry"]["text"])
                case "Runtime.consoleAPICalled" | "Runtime.exceptionThrown":
                    self.complaints.append(str(parameters))
                case "Network.requestWillBeSent":
                    self.requests.append(parameters["request"]["url"])
                case "Network.webSocketCreated":
                    self.requests.append(parameters["url"])
                case "Network.webSocketFrameReceived":
                    payload = parameters["response"]["payloadData"]
                    if parameters["response"]["opcode"] == 2:
                        self.received += base64.b64decode(payload).decode("utf-8", "replace")

    async def ask(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._number += 1
        answer = asyncio.get_running_loop().create_future()
        self._answers[self._number] = answer
        await self._socket.send_json({"id": self._number, "method": method, "params": parameters})
        return await asyncio.wait_for(answer, 20)

    async def open(self, path: Path) -> None:
        """Open a file, and wait until it is there as a whole."""
        await self.ask("Log.enable")
        await self.ask("Runtime.enable")
        self._loaded.clear()
        await self.ask("Page.navigate", url=path.as_uri())
        await asyncio.wait_for(self._loaded.wait(), 20)

    async def value(self, expression: str) -> Any:
        """Return what a JavaScript expression says on the page."""
        answer = await self.ask("Runtime.evaluate", expression=expression, returnByValue=True)
        return answer["result"].get("value")

    async def prefer(self, scheme: str) -> None:
        """Have the reader prefer `light` or `dark` colours."""
        feature = {"name": "prefers-color-scheme", "value": scheme}
        await self.ask("Emulation.setEmulatedMedia", features=[feature])

    async def width(self, pixels: int) -> None:
        """Set the width of the window."""
        metrics = {"width": pixels, "height": 900, "deviceScaleFactor": 1, "mobile": False}
        await self.ask("Emulation.setDeviceMetricsOverride", **metrics)

    async def printed(self) -> bytes:
        """Return the page as it is printed, as PDF."""
        answer = await self.ask("Page.printToPDF", preferCSSPageSize=True, printBackground=True)
        return base64.b64decode(answer["data"])

    async def picture(self) -> bytes:
        """Return what is seen of the page, as PNG."""
        answer = await self.ask("Page.captureScreenshot", format="png")
        return base64.b64decode(answer["data"])

    async def until_received(self, text: str) -> None:
        """Wait until the app has sent `text` to the terminal."""
        for _turn in range(1_000):
            if text in self.received:
                return
            await asyncio.sleep(0.02)
        raise AssertionError(f"{text} never came; {self.received[-2000:]!r}")

    async def press_enter(self) -> None:
        key = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": "\r"}
        await self.ask("Input.dispatchKeyEvent", type="keyDown", **key)
        await self.ask("Input.dispatchKeyEvent", type="keyUp", **key)


@asynccontextmanager
async def browser(folder: Path) -> AsyncIterator[Page]:
    """Start Chromium with its profile in `folder`, and yield an empty page."""
    assert CHROMIUM is not None
    sandbox = [] if hasattr(os, "geteuid") and os.geteuid() else ["--no-sandbox"]
    process = await asyncio.create_subprocess_exec(
        CHROMIUM,
        *_OPTIONS,
        *sandbox,
        f"--user-data-dir={folder}",
        "--window-size=1200,700",
        "about:blank",
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        port = await _port(folder / "DevToolsActivePort")
        async with ClientSession() as session:
            async with session.get(f"http://127.0.0.1:{port}/json") as answer:
                pages = [each for each in await answer.json() if each["type"] == "page"]
            async with session.ws_connect(
                pages[0]["webSocketDebuggerUrl"], max_msg_size=0
            ) as socket:
                page = Page(socket)
                listening = asyncio.create_task(page.listen())
                await page.ask("Network.enable")
                await page.ask("Page.enable")
                yield page
                listening.cancel()
    finally:
        process.kill()
        await process.wait()


async def _port(path: Path) -> int:
    for _turn in range(500):
        if (text := _text(path)).count("\n"):
            return int(text.split("\n")[0])
        await asyncio.sleep(0.02)
    raise AssertionError("Chromium did not start")


def _text(path: Path) -> str:
    return path.read_text() if path.exists() else ""
