"""Renders every template with its samples and photographs it: `python -m tests.web.design.show FOLDER [--only WORD]`.

The pictures are for people to look at; axe reads each page once, on the wide screen.
"""

import argparse
import json
import shutil
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from luxe.web.design.assets import DIST
from tests.web.design.samples.registry import LOCALES, render, samples, templates

REPOSITORY = Path(__file__).parents[3]
AXE = REPOSITORY / "islands" / "node_modules" / "axe-core" / "axe.min.js"
FRAGMENTS = ("storefront/shop/suggestions.html",)
WIDTHS = (390, 1440)
CHROMIUM = ["--no-sandbox", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
AXE_RUN = "async () => (await axe.run(document, {resultTypes: ['violations']})).violations.map(v => ({id: v.id, impact: v.impact, nodes: v.nodes.slice(0, 3).map(n => n.html.slice(0, 160) + ' ' + n.failureSummary.slice(0, 200))}))"


class Quiet(SimpleHTTPRequestHandler):
    """Serves the folder without a line for each request."""

    extensions_map = {**SimpleHTTPRequestHandler.extensions_map, ".woff2": "font/woff2", ".avif": "image/avif"}  # noqa: RUF012 – the base class spells it so

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing."""


def write_pages(folder: Path, only: str, tier: str) -> list[tuple[str, str]]:
    """Renders the pages into the folder; answers (name, locale) of each."""
    pages, written = templates(), []
    (folder / "static").mkdir(parents=True, exist_ok=True)
    shutil.copytree(DIST, folder / "static" / "dist", dirs_exist_ok=True)
    for locale in LOCALES:
        for sample in samples(locale):
            if only in sample.name and sample.template not in FRAGMENTS:
                (folder / f"{sample.name}.{locale}.html").write_text(render(pages, sample, tier=tier))
                written.append((sample.name, locale))
    return written


def serve(folder: Path) -> ThreadingHTTPServer:
    """A static server on a free port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def faults(page: Page) -> list[dict]:
    """What axe finds serious or critical on the open page."""
    page.add_script_tag(path=str(AXE))
    return [fault for fault in page.evaluate(AXE_RUN) if fault["impact"] in ("serious", "critical")]


def photograph(folder: Path, written: list[tuple[str, str]], address: str, locales: tuple[str, ...]) -> list[str]:
    """Takes the pictures; answers the faults found on the way, overflow and outside requests among them."""
    found: list[str] = []
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path="/usr/bin/chromium", args=CHROMIUM)
        for width in WIDTHS:
            page = browser.new_page(viewport={"width": width, "height": 844 if width < 900 else 900}, reduced_motion="reduce")
            page.on("request", lambda request: None if request.url.startswith((address, "data:", "blob:")) else found.append(f"left our origin: {request.url}"))
            page.on("pageerror", lambda error: found.append(f"script: {error}"))
            for name, locale in written:
                if locale not in locales:
                    continue
                page.goto(f"{address}/{name}.{locale}.html", wait_until="load")
                page.evaluate("async () => { await document.fonts.ready; await Promise.all([...document.images].map(i => { i.loading = 'eager'; return i.decode().catch(() => 0); })) }")
                page.wait_for_timeout(120)
                over = page.evaluate("document.documentElement.scrollWidth - innerWidth")
                if over > 0:
                    found.append(f"{name}.{locale} {width}: {over} px too wide")
                page.screenshot(path=folder / "shots" / f"{name}.{locale}.{width}.png", full_page=True)
                found += [f"{name}.{locale} {width}: {json.dumps(fault)}" for fault in faults(page)]
            page.close()
        browser.close()
    return found


def main() -> None:
    """Reads the command line, renders, photographs and prints the faults."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--tier", default="silver")
    parser.add_argument("--locales", default=",".join(LOCALES))
    choices = parser.parse_args()
    (choices.folder / "shots").mkdir(parents=True, exist_ok=True)
    written = write_pages(choices.folder, choices.only, choices.tier)
    server = serve(choices.folder)
    for fault in photograph(choices.folder, written, f"http://127.0.0.1:{server.server_port}", tuple(choices.locales.split(","))):
        print(fault)
    print(f"{len(written)} pages in {choices.folder}")


if __name__ == "__main__":
    main()
