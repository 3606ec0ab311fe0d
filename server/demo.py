"""The demo workspace."""


async def ready_sign_in() -> dict[str, str] | None:
    """The sign-in that the sign-in page offers, or None when there is no demo."""
    return None
