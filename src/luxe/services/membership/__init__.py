"""Owns invitations, applications, the annual plan and its fee, memberships and tiers."""
