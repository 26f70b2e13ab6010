"""The use cases of identity, one file for each group of them."""

from __future__ import annotations

from luxe.services.identity.service.accounts import Accounts
from luxe.services.identity.service.api_keys import ApiKeys
from luxe.services.identity.service.passkeys import Passkeys
from luxe.services.identity.service.password import PasswordChange
from luxe.services.identity.service.recovery import Recovery
from luxe.services.identity.service.roles import Roles
from luxe.services.identity.service.sessions import Sessions
from luxe.services.identity.service.sign_in import SignIn

__all__ = ["Identity"]


class Identity(Accounts, SignIn, Sessions, Passkeys, PasswordChange, Recovery, Roles, ApiKeys):
    """The whole Port."""
