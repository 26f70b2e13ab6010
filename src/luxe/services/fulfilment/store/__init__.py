"""Every query of fulfilment, one file for each group of them."""
