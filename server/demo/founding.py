"""Founds the demo workspace and brings its people in, by the same actions as everybody else's."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

import msgspec

from server.core import db
from server.core.access import Asking
from server.core.ids import hash_token, new_token
from server.demo.keepsake import Keepsake
from server.demo.script import Colleague, Words, read
from server.hiring.conversations import templates
from server.hiring.workspaces import actions
from server.hiring.workspaces.passwords import hash_password, matches
from server.hiring.workspaces.rules import fold
from server.hiring.workspaces.tables import SetupLink

DEVICE = "demo"

_MEMBERS = """
SELECT m.id, a.id, w.id, w.slug, w.name, m.name, a.email, m.colour, m.role, a.folded
FROM account a JOIN member m ON m.account_id = a.id JOIN workspace w ON w.id = m.workspace_id
WHERE w.id = (
    SELECT o.workspace_id FROM member o JOIN account b ON b.id = o.account_id
    WHERE b.folded = $1 AND o.role = 'owner' ORDER BY o.joined_at LIMIT 1
)
"""


class Troupe(msgspec.Struct, frozen=True):
    """The workspace and its members by the script's keys, each able to act."""

    workspace: UUID
    slug: str
    members: Mapping[str, Asking]


def owner() -> Colleague:
    """Who signs in."""
    return read().team.colleagues[0]


async def is_founded() -> bool:
    """Whether the owner's account is a member somewhere."""
    return bool(
        await db.value(
            "SELECT 1 FROM account a JOIN member m ON m.account_id = a.id WHERE a.folded = $1 AND m.removed_at IS NULL",
            fold(owner().email),
        )
    )


async def found(kept: Keepsake) -> Troupe:
    """The workspace with all its people; whoever is missing is added, and the password is the one that was kept."""
    first, *others = read().team.colleagues
    if not await is_founded():
        await _found(first, kept.password)
        print(f"demo: founded the workspace {read().team.workspace}", flush=True)
    else:
        await _keep_password(first, kept.password)
    troupe = await _troupe()
    if kept.filled_for != str(troupe.workspace):
        for colleague in others:
            if colleague.key not in troupe.members:
                await _join(troupe.members[first.key], colleague, kept.password)
        await _backdate(kept, troupe.workspace)
        troupe = await _troupe()
        for words in read().team.templates:
            await _keep(troupe.members[words.by], words)
    return troupe


async def _found(first: Colleague, password: str) -> None:
    """By a set-up link of its own: one that was printed for a person stays valid."""
    token = new_token()
    await SetupLink(token_hash=hash_token(token), expires_at=actions.later(minutes=5)).save()
    await actions.found_workspace(token, read().team.workspace, first.name, first.email, password, DEVICE)
    await _leave_no_sign_in()


async def _leave_no_sign_in() -> None:
    await db.execute("DELETE FROM sign_in WHERE device = $1", DEVICE)


async def _keep_password(first: Colleague, password: str) -> None:
    """The data folder may have been lost while the database was not: what the page offers must work."""
    stored = await db.value("SELECT password_hash FROM account WHERE folded = $1", fold(first.email))
    if not await matches(stored, password):
        digest = await hash_password(password)
        await db.execute("UPDATE account SET password_hash = $2 WHERE folded = $1", fold(first.email), digest)


async def _join(first: Asking, colleague: Colleague, password: str) -> None:
    async with db.transaction():
        token = await actions.invite(first, colleague.email, colleague.role, None)
    await actions.accept_invitation(token, colleague.name, password, DEVICE)
    await _leave_no_sign_in()


async def _keep(author: Asking, words: Words) -> None:
    async with db.transaction():
        known = "SELECT 1 FROM message_template WHERE workspace_id = $1 AND name = $2"
        if not await db.value(known, author.workspace, words.name):
            await templates.make(author, templates.NewTemplate(name=words.name, text=words.text), None)


async def _backdate(kept: Keepsake, workspace: UUID) -> None:
    """They have worked here for a while."""
    for colleague in read().team.colleagues:
        at = kept.began - timedelta(days=colleague.ago)
        await db.execute(
            "UPDATE member m SET joined_at = $3 FROM account a "
            "WHERE a.id = m.account_id AND m.workspace_id = $1 AND a.folded = $2",
            workspace,
            fold(colleague.email),
            at,
        )
    await db.execute(
        "UPDATE workspace SET created_at = (SELECT min(joined_at) FROM member WHERE workspace_id = $1) WHERE id = $1",
        workspace,
    )


async def _troupe() -> Troupe:
    keys = {fold(colleague.email): colleague.key for colleague in read().team.colleagues}
    found = await db.rows(
        lambda *c: (
            c[9],
            Asking(
                id=c[0],
                account=c[1],
                workspace=c[2],
                slug=c[3],
                workspace_name=c[4],
                name=c[5],
                email=c[6],
                colour=c[7],
                role=c[8],
                sign_in=c[0],  # nobody is signed in: the script acts in their name
            ),
        ),
        _MEMBERS,
        fold(owner().email),
    )
    members = {keys[folded]: asking for folded, asking in found if folded in keys}
    first = members[owner().key]
    return Troupe(first.workspace, first.slug, members)
