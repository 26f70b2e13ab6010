"""Every query of promotions. Whoever holds a voucher's use first locks the voucher's row, in the order of the ids."""
