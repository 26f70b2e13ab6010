"""The rules of promotions: codes, what vouchers take off, and how it is divided."""
