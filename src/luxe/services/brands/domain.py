"""Rules of brands: slugs, names that are the same name, agreements in force."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from datetime import date

from luxe.kernel.errors import BadRequest, Refusal
from luxe.services.brands.contract import AgreementDraft, BrandDraft

_SLUG = re.compile(r"^[a-z0-9]+(?:-[a-z0-9]+)*$")
_COUNTRY = re.compile(r"^(?:[A-Z]{2})?$")
_TERRITORY = re.compile(r"^(?:[A-Z]{2}|\*)$")


def name_key(name: str) -> str:
    """Two names with the same key are the same brand: case, width, accents of composition and spacing do not count."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def slug_for(name: str) -> str:
    """An ASCII slug for a name; a name without Latin letters gets one from its hash."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:80].strip("-")
    return slug or "house-" + hashlib.sha256(name_key(name).encode()).hexdigest()[:10]


def check_brand(draft: BrandDraft) -> None:
    """Raises `slug_invalid` or `brand_invalid`."""
    if len(draft.slug) > 100 or not _SLUG.match(draft.slug):
        raise BadRequest(f"{draft.slug!r} is not a slug", code="slug_invalid")
    if not 1 <= len(draft.name.strip()) <= 200 or not _COUNTRY.match(draft.country):
        raise BadRequest("a brand needs a name and an ISO 3166-1 country or none", code="brand_invalid")


def check_agreement(draft: AgreementDraft) -> None:
    """Raises `agreement_dates` or `agreement_invalid`."""
    if draft.valid_until < draft.valid_from:
        raise Refusal("the agreement ends before it begins", code="agreement_dates")
    if not draft.reference.strip() or not draft.territories:
        raise BadRequest("an agreement has a reference and territories", code="agreement_invalid")
    if not all(_TERRITORY.match(territory) for territory in draft.territories):
        raise BadRequest("territories are ISO 3166-1 codes or *", code="agreement_invalid")


def covers(territories: list[str], territory: str) -> bool:
    """`*` asked for is covered by any agreement; `*` in an agreement covers everywhere."""
    return territory == "*" or "*" in territories or territory in territories


def in_force(valid_from: date, valid_until: date, today: date) -> bool:
    return valid_from <= today <= valid_until
