"""How fast a client may send: a bucket of tokens. Pure, with the caller's clock."""


class Pace:
    """`rate` a second, lasting, and `burst` at once."""

    __slots__ = ("_at", "_burst", "_rate", "_tokens")

    def __init__(self, rate: float, burst: float, now: float) -> None:
        self._rate = rate
        self._burst = self._tokens = burst
        self._at = now

    def keeps(self, now: float) -> bool:
        """Take one; False when there is none."""
        self._tokens = min(self._burst, self._tokens + (now - self._at) * self._rate)
        self._at = now
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True

    def give_back(self) -> None:
        """The last one taken does not count."""
        self._tokens += 1
