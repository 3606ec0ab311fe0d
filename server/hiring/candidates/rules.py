"""How names are compared."""

import unicodedata

# Letters that do not come apart into a plain one and its mark.
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i"})


def plain(name: str) -> str:
    """A name as it is searched: without accents and case, so that "ines" finds "Inês"."""
    apart = unicodedata.normalize("NFKD", name.casefold()).translate(_LETTERS)
    return " ".join("".join(letter for letter in apart if not unicodedata.combining(letter)).split())
