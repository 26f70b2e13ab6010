"""The verbs of membership, one file for each part of a member's life."""

from __future__ import annotations

from luxe.services.membership.service.applying import Applying
from luxe.services.membership.service.inviting import Inviting
from luxe.services.membership.service.rising import Rising


class Membership(Inviting, Applying, Rising):
    """Keeps who may come in, who belongs, and how high."""


__all__ = ["Membership"]
