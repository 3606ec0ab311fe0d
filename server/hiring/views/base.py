"""What every shape on the wire is made from."""

import msgspec


class View(msgspec.Struct, frozen=True, kw_only=True):
    """Base of every shape that leaves the server."""
