"""An empty store for each test, as the store's own tests have it."""

from tests.sync.store.conftest import new_store, store, store_url

__all__ = ["new_store", "store", "store_url"]
