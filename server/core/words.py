"""What people write, before it is kept: what cannot be stored or would turn the page around is taken out."""

OUT = dict.fromkeys((0x00, *range(0x202A, 0x202F)))  # zero bytes, and what turns the reading of all that follows
INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff \t\r\n"


def clean(text: str) -> str:
    """The text without blanks around it; empty when nothing of it could be seen."""
    kept = text.translate(OUT).strip()
    return kept if kept.strip(INVISIBLE) else ""
