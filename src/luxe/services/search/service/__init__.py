"""The use cases of search."""

from luxe.services.search.service.searching import Search

__all__ = ["Search"]
