"""The queries of orders, one file for each group of tables."""
