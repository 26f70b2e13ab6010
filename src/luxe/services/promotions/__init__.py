"""Owns vouchers, their rules, codes and uses, and gift cards with their ledger."""
