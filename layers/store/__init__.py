"""The live store: reports, issues, their events and what must stay erasable, in one file beside the city.

Every write is a work, a function of a connection, handed to the one writer (`layers.store.store.Store`).
Every other module here has functions of a connection, to be called inside a work or on a reader.
"""

from layers.store.store import Readers, Store, open_readers, open_store

__all__ = ["Readers", "Store", "open_readers", "open_store"]
