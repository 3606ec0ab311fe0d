"""Rules of accounts and workspaces: pure functions."""

import re
import unicodedata

from server.core.errors import Invalid
from server.core.words import clean

COLOURS = 12
LETTERS = str.maketrans({"ø": "o", "Ø": "o", "æ": "ae", "Æ": "ae", "ß": "ss", "ł": "l", "Ł": "l", "đ": "d", "þ": "th"})
SHORTEST_PASSWORD = 10
LONGEST_PASSWORD = 200
LONGEST_NAME = 300
LONGEST_TITLE = 120  # of a workspace
LONGEST_EMAIL = 254  # also as it is compared: some letters are several then


def fold(email: str) -> str:
    """An e-mail in the form in which two are compared."""
    return unicodedata.normalize("NFKC", clean(email)).casefold()


def check_email(email: str) -> str:
    """The address without blanks around. Raises Invalid when it cannot be one."""
    text = email.strip()
    if max(len(text), len(fold(text))) > LONGEST_EMAIL or not re.fullmatch(
        r"[^@\s<>\"(),;:\\\[\]\x00-\x1f\x7f]+@([^@\s.<>\"(),;:\\\[\]\x00-\x1f\x7f]+\.)+"
        r"[^@\s.<>\"(),;:\\\[\]\x00-\x1f\x7f]+",
        text,
    ):
        raise Invalid(fields={"email": "That does not look like an e-mail address."})
    return text


def check_name(name: str, field: str = "name", longest: int = LONGEST_NAME) -> str:
    """A name with blanks folded and control characters removed. Raises Invalid when empty or too long."""
    visible = "".join(c for c in clean(name) if unicodedata.category(c) != "Cc" or c in "\t\n ")
    text = " ".join(visible.split())
    if not text:
        raise Invalid(fields={field: "Please fill this in."})
    if len(text) > longest:
        raise Invalid(fields={field: f"At most {longest} characters, please."})
    return text


def check_password(password: str) -> str:
    """The password as given. Raises Invalid when it is too short or too long."""
    if len(password) < SHORTEST_PASSWORD:
        raise Invalid(
            fields={"password": f"At least {SHORTEST_PASSWORD} characters, please. A few words make a good one."}
        )
    if len(password) > LONGEST_PASSWORD:
        raise Invalid(fields={"password": f"At most {LONGEST_PASSWORD} characters, please."})
    return password


def slug_of(name: str) -> str:
    """The part of the address that names a workspace: lower-case ASCII, `team` when nothing is left."""
    text = unicodedata.normalize("NFKD", name.translate(LETTERS)).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", text).strip("-")[:40] or "team"


def workspace_in(path: str) -> str:
    """The workspace whose page has this address of ours; empty when it is the address of anything else."""
    found = re.fullmatch(r"/w/([a-z0-9-]+)(?:/[!-\[\]-~]*)?", path)  # no blank or backslash: what a browser may send on
    return found[1] if found else ""


def colour_of(number: int) -> int:
    """The colour (1 to 12) of the workspace's n-th member, n from 0."""
    return number % COLOURS + 1


def may_hold(giver: str, role: str) -> bool:
    """Whether somebody with role `giver` may give `role`: only owners make owners."""
    return role != "owner" or giver == "owner"
