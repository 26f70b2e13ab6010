"""Names of benefits for people."""

from __future__ import annotations

from luxe.kernel.i18n import Catalogue


def benefit_text(words: Catalogue, code: str) -> str:
    """One benefit in a line; the codes are membership's."""
    _ = words.gettext
    texts = {
        "advisor": _("Your own advisor, who answers within three minutes"),
        "limited_priority": _("Priority on limited pieces"),
        "birthday_gift": _("A birthday gift, chosen for you"),
        "early_access": _("Early access and private sales"),
        "white_glove": _("White-glove delivery, with our compliments"),
        "extended_returns": _("A longer time to return a piece"),
        "aftercare": _("Aftercare: authentication, cleaning, repair"),
        "styling": _("A private styling session"),
        "points_multiplier": _("Points on everything you buy"),
        "engraving_wrap": _("Engraving and gift wrapping"),
        "hold_48h": _("A piece kept for you for 48 hours"),
        "partner_privileges": _("Privileges with partner houses and banks"),
    }
    return texts.get(code, code)
