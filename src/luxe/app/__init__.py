"""Composition: reads manifests, binds ports, starts engines, and answers the `luxe` command."""
