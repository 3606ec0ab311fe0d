"""What people write, before it is kept: what cannot be stored or would turn the page around is taken out."""

UNSEEN = (
    *range(0x09),
    *range(0x0E, 0x20),
    *range(0x7F, 0x85),
    *range(0x86, 0xA0),
    0xFFFE,
    0xFFFF,
)  # control characters
TURNING = (*range(0x202A, 0x202F), *range(0x2066, 0x206A))  # what turns the reading of all that follows
OUT = dict.fromkeys((*UNSEEN, *TURNING)) | dict.fromkeys((0x0B, 0x0C, 0x85, 0x2028, 0x2029), "\n")
INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff \t\r\n"


def clean(text: str) -> str:
    """The text without blanks around it and without what no file or page can hold; empty when nothing could be seen."""
    kept = text.translate(OUT).strip()
    return kept if kept.strip(INVISIBLE) else ""
