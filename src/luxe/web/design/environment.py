"""The Jinja environments, one for each language."""

from collections.abc import Callable
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, PrefixLoader, StrictUndefined

from luxe.web.design.assets import Assets
from luxe.web.design.locales import words

WEB = Path(__file__).parents[1]
FOLDERS = {
    "design": WEB / "design",
    "storefront": WEB / "storefront" / "templates",
    "office": WEB / "office" / "templates",
}


class Templates:
    """Renders a template by its name (`storefront/shop/piece.html`) in a language.

    `new_key` makes the idempotency key each form carries. A name a template expects and does not get is an error.
    """

    def __init__(self, *, new_key: Callable[[], str], assets: Assets | None = None) -> None:
        self.new_key = new_key
        self.assets = assets or Assets()
        self.environments: dict[str, Environment] = {}

    def render(self, name: str, *, locale: str, **context: object) -> str:
        """The page as HTML; context is `chrome` and `page`."""
        return self.environment(locale).get_template(name).render(**context)

    def environment(self, locale: str) -> Environment:
        """The environment that speaks this language, made on first use."""
        if locale not in self.environments:
            self.environments[locale] = self._make(locale)
        return self.environments[locale]

    def _make(self, locale: str) -> Environment:
        environment = Environment(
            loader=PrefixLoader({name: FileSystemLoader(folder) for name, folder in FOLDERS.items()}),
            autoescape=True,
            undefined=StrictUndefined,
            extensions=["jinja2.ext.i18n"],
            trim_blocks=True,
            lstrip_blocks=True,
        )
        catalogue = words(locale)
        install = environment.install_gettext_callables  # pyright: ignore[reportAttributeAccessIssue] – added by the i18n extension
        install(catalogue.gettext, catalogue.ngettext, newstyle=True, pgettext=catalogue.pgettext)
        environment.globals.update(
            new_key=self.new_key,
            asset=self.assets.asset,
            imports=self.assets.imports,
            integrity=self.assets.integrity,
            styles=self.assets.styles,
            faces=self.assets.faces,
            script_faces=self.assets.script_faces,
        )
        return environment
