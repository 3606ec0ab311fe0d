"""Ports for processes that must be told one before they start."""

import random
import socket

RANGE = range(20_000, 32_000)  # below what systems give out by themselves: no connection takes it meanwhile


def free_port() -> int:
    """A TCP port on which nothing listens."""
    while True:
        port = random.choice(RANGE)
        with socket.socket() as trial:
            try:
                trial.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
