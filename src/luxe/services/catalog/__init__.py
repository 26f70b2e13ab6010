"""Owns products, variants, categories and their localised documents."""
