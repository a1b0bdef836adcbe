"""What survives a restart: tables, one module of typed functions per aggregate, and units of work."""

from __future__ import annotations

from patzta.errors import PatztaError


class StoreError(PatztaError):
    """The base of the store's errors.

    StoreError
    ├── StoreUnavailable   the database cannot be opened or written
    └── StoreTooNew        it was written by a newer version of this project
    """


class StoreUnavailable(StoreError):
    """The database cannot be opened or written."""


class StoreTooNew(StoreError):
    """The database has a revision that this checkout does not know."""
