"""The `luxe` command: one module for each verb, imported only when it is asked for."""
