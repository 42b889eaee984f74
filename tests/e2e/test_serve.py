"""The control room in a browser: on this machine alone, and nothing from outside."""

import asyncio
import os
from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from aiohttp import ClientSession

from drillsim.cli.main import main
from drillsim.drill import events as ev
from drillsim.drill.events import decode
from drillsim.i18n import language, set_language
from drillsim.journal import JournalReader, post_command
from drillsim.journal.lock import is_held
from drillsim.tui.web.server import DrillServer
from tests.e2e.browser import CHROMIUM, browser


@pytest.fixture
async def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[DrillServer]:
    monkeypatch.chdir(tmp_path)
    before = language()
    set_language("ja")
    server = DrillServer(port=0)
    await server.begin()
    yield server
    await server.end()
    set_language(before)


@pytest.mark.skipif(CHROMIUM is None and not os.environ.get("CI"), reason="needs chromium")
async def test_a_browser_shows_the_first_screen_and_enter_starts_a_drill(
    server: DrillServer, tmp_path: Path
) -> None:
    async with browser(tmp_path / "profile") as page:
        await page.ask("Page.navigate", url=server.address)
        await page.until_received("都道府県サーバ集約センターのウイルス疑義に係る")
        assert page.requests
        hosts = {urlsplit(url).netloc for url in page.requests if not url.startswith("data:")}
        assert hosts == {f"127.0.0.1:{server.port}"}
        await page.press_enter()
        await page.until_received("実施中")
    (path,) = (tmp_path / "drills").glob("*.drill")
    assert is_held(path)  # The drill goes on though the page is gone.
    post_command(path, kind="end", payload={}, author="tester")
    with JournalReader(path) as reader:
        for _turn in range(500):
            if reader.is_sealed:
                break
            await asyncio.sleep(0.02)
        events = [decode(record.data) for record in reader.events()]
    assert isinstance(events[0], ev.DrillStarted)


async def test_only_who_knows_the_token_is_let_in(server: DrillServer) -> None:
    base = f"http://127.0.0.1:{server.port}"
    own = server.address.partition("?")[2]
    async with ClientSession() as session:

        async def status(path: str, **headers: str) -> int:
            async with session.get(base + path, headers=headers) as answer:
                return answer.status

        assert await status(f"/?{own}") == 200
        assert await status("/static/css/xterm.css") == 200
        assert await status("/") == 403
        assert await status("/?token=x") == 403
        assert await status("/ws/x") == 403
        # A page of another site, and a name that another site has pointed here.
        assert await status(f"/?{own}", Origin="http://other.example") == 403
        assert await status(f"/ws/{server.token}", Origin="http://other.example") == 403
        assert await status(f"/?{own}", Host=f"other.example:{server.port}") == 403
        assert await status(f"/?{own}", Host="localhost:9000") == 200


async def test_the_page_names_nothing_outside_and_forbids_it(server: DrillServer) -> None:
    async with ClientSession() as session, session.get(server.address) as answer:
        text = await answer.text()
        policy = answer.headers["Content-Security-Policy"]
    assert "http://" not in text
    assert "https://" not in text
    assert "https:" not in policy
    assert "default-src 'none'" in policy


def test_another_host_is_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--lang", "en", "serve", "--host", "0.0.0.0"]) == 2
    assert "to this machine alone" in capsys.readouterr().err
