"""Owns vouchers: their rules, codes and uses, and what they take off a purchase."""
