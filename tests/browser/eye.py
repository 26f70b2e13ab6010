"""Looks at the open page as a demanding reader of one language would: what is too wide, unpainted, untranslated, or priced as elsewhere."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

from playwright.sync_api import Page, TimeoutError

from tests.web.design.camera import AXE, NARROW, RUN_AXE, SETTLE, WIDE

DIRECTION = {"en": "ltr", "zh-CN": "ltr", "ar": "rtl"}
PRICE = {
    "en": re.compile(r"[-+−]?(CN¥|€|\$|¥)\d{1,3}(,\d{3})*(\.\d\d)?"),
    "zh-CN": re.compile(r"[-+−]?(¥|€|US\$|JP¥)\d{1,3}(,\d{3})*(\.\d\d)?"),
    "ar": re.compile(r"\u200f[-+−]?\d{1,3}(,\d{3})*(\.\d\d)?\xa0\u200e(CN¥|€|US\$|JP¥)\u200e"),
}
"""How a sum of money is written: the sign and its side, the marks that keep it whole where text runs right to left."""

IDENTIFIER = re.compile(r"[!-~]*[\d@_/][!-~]*|(?<![A-Za-z])(LX-|RT-|SH-)?[A-Z]{8}(?![A-Za-z])")
"""Addresses and codes; the number of an order, a return or a shipment and an invitation's code can happen to have no digit."""
LATIN = re.compile(r"[A-Za-z]{2,}")
PAINTS_WITHIN = 20_000
SAID = """() => {
  const own = e => e.closest('.code, script, style, noscript, template, [data-untranslated]');
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.data.trim();
    if (text && !own(walker.currentNode.parentElement)) found.push(text);
  }
  for (const e of document.querySelectorAll('[aria-label], [placeholder], [alt], [title]'))
    for (const name of ['aria-label', 'placeholder', 'alt', 'title'])
      if (e.getAttribute(name) && !own(e)) found.push(e.getAttribute(name));
  return [document.title, ...found];
}"""
UNPAINTED = """() => [...document.images].filter(i => !i.naturalWidth).map(i => i.currentSrc || i.src)
  .concat([...document.querySelectorAll('.picture-none')].map(() => 'a picture that is missing'))"""
PRICES = (
    "() => [...document.querySelectorAll('.price')].map(e => e.lastChild?.textContent.trim()).filter(Boolean)"
)


class Eye:
    """Collects what is wrong in `faults`; `names` are the Latin words that belong to no language: makers, people, codes."""

    def __init__(self, page: Page, locale: str, names: Iterable[str], faults: list[str]) -> None:
        self.page = page
        self.locale = locale
        longest_first = sorted(map(re.escape, names), key=len, reverse=True)
        self.names = re.compile(rf"(?<![A-Za-z])(?:{'|'.join(longest_first)})(?![A-Za-z])")
        self.faults = faults

    def look(self, name: str) -> None:
        """At both widths what is too wide and, in English and on the phone, what axe finds; language, words, prices, pictures."""
        for width, height in ((WIDE, 900), (NARROW, 844)):
            self.page.set_viewport_size({"width": width, "height": height})
            if width == WIDE:
                self.page.evaluate(SETTLE)
                self.page.evaluate(f"{AXE.read_text()};0")
            self._width(f"{name} {width}")
            if width == NARROW or self.locale == "en":
                self._axe(f"{name} {width}")
        self._language(name)
        self._words(name)
        self._prices(name)
        self._pictures(name)

    def _note(self, name: str, what: str, found: Iterable[str]) -> None:
        self.faults.extend(f"{name} in {self.locale}: {what}: {each}" for each in found)

    def _width(self, name: str) -> None:
        over = self.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        self._note(name, "too wide by", [f"{over} px"] if over > 0 else [])

    def _axe(self, name: str) -> None:
        found = self.page.evaluate(RUN_AXE)
        bad = [json.dumps(each) for each in found if each["impact"] in ("serious", "critical")]
        self._note(name, "axe", bad)

    def _language(self, name: str) -> None:
        html = self.page.locator("html")
        said = (html.get_attribute("lang"), html.get_attribute("dir"))
        if said != (self.locale, DIRECTION[self.locale]):
            self._note(name, "says it is", [str(said)])

    def _words(self, name: str) -> None:
        """In a language with a script of its own every Latin word is a name, or was forgotten."""
        if self.locale == "en":
            return
        for text in self.page.evaluate(SAID):
            left = set(LATIN.findall(self.names.sub(" ", IDENTIFIER.sub(" ", text))))
            self._note(name, "not translated", [f"{sorted(left)} in {text[:80]!r}"] if left else [])

    def _pictures(self, name: str) -> None:
        """A change of width may choose another file; it is waited for."""
        try:
            self.page.wait_for_function(f"() => ({UNPAINTED})().length === 0", timeout=PAINTS_WITHIN)
        except TimeoutError:
            self._note(name, "not painted", self.page.evaluate(UNPAINTED))

    def _prices(self, name: str) -> None:
        found = self.page.evaluate(PRICES)
        self._note(
            name,
            "not a price",
            [text for text in found if re.search(r"\d", text) and not PRICE[self.locale].fullmatch(text)],
        )
