"""Puts rendered samples behind a static server and looks at them in Chromium."""

import json
import shutil
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import Browser, Page, Request, sync_playwright

from luxe.web.design.assets import DIST
from tests.web.design.samples.registry import Sample, render, templates

REPOSITORY = Path(__file__).parents[3]
AXE = REPOSITORY / "islands" / "node_modules" / "axe-core" / "axe.min.js"
DEMO = REPOSITORY / "demo" / "pictures"
NARROW, WIDE = 390, 1440
CHROMIUM = [
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
GRAPHICS = ["--enable-unsafe-swiftshader", "--use-angle=swiftshader"]
SETTLE = "async () => { await document.fonts.ready; await Promise.all([...document.images].map(i => { i.loading = 'eager'; return i.decode().catch(() => 0); })) }"
RUN_AXE = "async () => (await axe.run(document, {resultTypes: ['violations']})).violations.map(v => ({id: v.id, impact: v.impact, nodes: v.nodes.slice(0, 3).map(n => n.html.slice(0, 160))}))"


class Quiet(SimpleHTTPRequestHandler):
    """Serves the folder without a line for each request."""

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


def write(folder: Path, chosen: Iterable[Sample], tier: str = "silver") -> dict[str, Sample]:
    """Renders samples into the folder, beside the built files; answers them by file name."""
    pages = templates()
    shutil.copytree(DIST, folder / "static" / "dist", dirs_exist_ok=True)
    if DEMO.exists():
        shutil.copytree(DEMO, folder / "demo", dirs_exist_ok=True)
    written = {f"{sample.name}.{sample.locale}": sample for sample in chosen}
    for name, sample in written.items():
        (folder / f"{name}.html").write_text(render(pages, sample, tier=tier))
    return written


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of a static server over the folder."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless browser with nothing in it."""
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=[*CHROMIUM, *GRAPHICS])
        try:
            yield browser
        finally:
            browser.close()


class Looker:
    """Opens pages at one width and notes what is wrong with them: width, axe, scripts, requests that leave our origin."""

    def __init__(self, browser: Browser, address: str, width: int) -> None:
        self.address, self.width = address, width
        self.page: Page = browser.new_page(
            viewport={"width": width, "height": 844 if width < 900 else 900}, reduced_motion="reduce"
        )
        self.faults: list[str] = []
        self.page.on("request", self._note_request)
        self.page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))

    def _note_request(self, request: Request) -> None:
        if not request.url.startswith((self.address, "data:", "blob:")):
            self.faults.append(f"left our origin: {request.url}")

    def open(self, name: str) -> Page:
        """Opens a page and waits for its faces and pictures."""
        self.page.goto(f"{self.address}/{name}.html", wait_until="load")
        self.page.evaluate(SETTLE)
        self.page.wait_for_timeout(100)
        return self.page

    def inspect(self, name: str) -> None:
        """Notes what is too wide and what axe finds serious or critical on the open page."""
        over = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if over > 0:
            self.faults.append(f"{name} {self.width}: {over} px too wide")
        self.page.add_script_tag(path=str(AXE))
        for fault in self.page.evaluate(RUN_AXE):
            if fault["impact"] in ("serious", "critical"):
                self.faults.append(f"{name} {self.width}: {json.dumps(fault)}")
