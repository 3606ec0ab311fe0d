"""What people do to workspaces. Each action checks, changes rows and appends one event, in one transaction."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from uuid import UUID

from server.core import db, live
from server.core.access import Asking
from server.core.errors import Forbidden, Invalid, LinkExpired, NotFound, Refusal
from server.core.events import append
from server.core.ids import hash_token, new_token, uuid7
from server.hiring.views.payloads import PeopleChanged
from server.hiring.workspaces import queries
from server.hiring.workspaces.events import (
    MemberInvited,
    MemberJoined,
    MemberRemoved,
    ResetAsked,
    RoleChanged,
    WorkspaceFounded,
)
from server.hiring.workspaces.passwords import hash_password, matches
from server.hiring.workspaces.rules import (
    LONGEST_TITLE,
    check_email,
    check_name,
    check_password,
    colour_of,
    fold,
    may_hold,
    slug_of,
)
from server.hiring.workspaces.tables import (
    Account,
    Invitation,
    Member,
    PasswordReset,
    SetupLink,
    SignIn,
    Workspace,
)

SIGN_IN_DAYS = 30
INVITATION_DAYS = 14
RESET_HOURS = 2
SETUP_DAYS = 7
ROLES = ("owner", "admin", "recruiter", "reviewer")

ON_FOUNDED: list[Callable[[UUID], Awaitable[None]]] = []  # (workspace): filled by the composition root


class WrongPassword(Refusal):
    """E-mail and password do not belong together; which of the two is wrong is not said."""

    code = "wrong_password"
    status = HTTPStatus.UNAUTHORIZED
    message = "This e-mail and password do not belong together."


class SetupLinkEnded(LinkExpired):
    """The set-up link was used, or is not the newest."""

    message = (
        "This set-up link was used, or there is a newer one. The newest is printed where Greenroom is started; "
        "`greenroom setup-link` prints another."
    )


class LastOwner(Refusal):
    """A workspace must keep an owner."""

    code = "last_owner"
    status = HTTPStatus.CONFLICT
    message = "This is the last owner. Make somebody else an owner first."


def later(**parts: float) -> datetime:
    """A moment in the future, in UTC."""
    return datetime.now(UTC) + timedelta(**parts)


async def make_setup_link() -> str:
    """Make a one-time set-up token; earlier ones end."""
    token = new_token()
    async with db.transaction():
        await db.execute("UPDATE setup_link SET used_at = now() WHERE used_at IS NULL")
        await SetupLink(token_hash=hash_token(token), expires_at=later(days=SETUP_DAYS)).save()
    return token


async def found_workspace(
    token: str, workspace: str, name: str, email: str, password: str, device: str
) -> tuple[str, str]:
    """Set up a workspace and its owner. Returns (sign-in token, slug). A known e-mail must come with its password."""
    title, person, address = check_name(workspace, "workspace", LONGEST_TITLE), check_name(name), check_email(email)
    check_password(password)
    known = await db.record("SELECT id, password_hash FROM account WHERE folded = $1", fold(address))
    if known is not None and not await matches(known["password_hash"], password):
        raise Invalid(fields={"email": "You already have an account here: enter its password, or use another e-mail."})
    digest = "" if known else await hash_password(password)
    async with db.transaction():
        link = await queries.open_setup(token)
        used = link and await db.value(
            "UPDATE setup_link SET used_at = now() WHERE id = $1 AND used_at IS NULL RETURNING id", link
        )
        if not used:
            raise SetupLinkEnded
        account = known["id"] if known else await _new_account(address, digest)
        slug = await _free_slug(title)
        place = Workspace(slug=slug, name=title)
        await place.save()
        owner = Member(workspace_id=place.id, account_id=account, name=person, colour=1, role="owner")
        await owner.save()
        for make in ON_FOUNDED:
            await make(place.id)
        await append(
            WorkspaceFounded(
                workspace=place.id, actor=f"member:{owner.id}", subject=f"workspace:{place.id}", name=title
            )
        )
        return await _new_sign_in(account, device), slug


async def _new_account(email: str, digest: str) -> UUID:
    account = Account(email=email, folded=fold(email), password_hash=digest)
    await account.save()
    return account.id


async def _free_slug(name: str) -> str:
    base = slug_of(name)
    taken = set(await db.rows(str, "SELECT slug FROM workspace WHERE slug = $1 OR slug LIKE $1 || '-%'", base))
    return next(s for s in (base, *(f"{base}-{n}" for n in range(2, len(taken) + 3))) if s not in taken)


async def _new_sign_in(account: UUID, device: str) -> str:
    token = new_token()
    await SignIn(
        account_id=account, token_hash=hash_token(token), device=device[:300], expires_at=later(days=SIGN_IN_DAYS)
    ).save()
    return token


async def sign_in(email: str, password: str, device: str, wanted: str = "") -> tuple[str, str]:
    """Returns (sign-in token, where to go: the page that was `wanted` if it can be). Raises WrongPassword."""
    known = await db.record("SELECT id, password_hash FROM account WHERE folded = $1", fold(email))
    if not await matches(known["password_hash"] if known else None, password) or known is None:
        raise WrongPassword
    home = await queries.home_of(known["id"], wanted)
    if home is None:
        msg = "You are not a member of any workspace any more. Ask for an invitation."
        raise Forbidden(msg)
    async with db.transaction():
        return await _new_sign_in(known["id"], device), home


async def sign_out(token: str) -> UUID | None:
    """End the sign-in of this cookie, at once and for good. Returns its id."""
    ended: UUID | None = await db.value("DELETE FROM sign_in WHERE token_hash = $1 RETURNING id", hash_token(token))
    return ended


async def invite(asking: Asking, email: str, role: str, key: str | None) -> str:
    """Make an invitation; returns its token, which is stored hashed and shown once."""
    asking.require("invite")
    address = check_email(email)
    if role not in ROLES or not may_hold(asking.role, role):
        raise Invalid(fields={"role": "You cannot give this role."})
    await db.execute("SELECT 1 FROM workspace WHERE id = $1 FOR NO KEY UPDATE", asking.workspace)
    if await db.value(
        "SELECT 1 FROM member m JOIN account a ON a.id = m.account_id "
        "WHERE m.workspace_id = $1 AND a.folded = $2 AND m.removed_at IS NULL",
        asking.workspace,
        fold(address),
    ):
        raise Invalid(fields={"email": "This person is a member already."})
    await db.execute(  # the newest link is the one that works: a repeated request leaves no second way in
        "DELETE FROM invitation WHERE workspace_id = $1 AND lower(email) = lower($2) AND accepted_at IS NULL",
        asking.workspace,
        address,
    )
    token = new_token()
    invitation = Invitation(
        workspace_id=asking.workspace,
        email=address,
        role=role,
        token_hash=hash_token(token),
        invited_by=asking.id,
        expires_at=later(days=INVITATION_DAYS),
    )
    await invitation.save()
    await append(
        MemberInvited(
            workspace=asking.workspace,
            actor=asking.actor,
            subject=f"workspace:{asking.workspace}",
            invitation=invitation.id,
            role=role,
        ),
        [_people_changed(asking.workspace)],
        key=key,
    )
    return token


def _people_changed(workspace: UUID) -> live.Delivery:
    return live.Delivery(live.workspace(workspace), PeopleChanged(workspace=workspace))


async def withdraw_invitation(asking: Asking, invitation: UUID) -> None:
    """End an invitation before it is accepted."""
    asking.require("invite")
    done = await db.value(
        "DELETE FROM invitation WHERE id = $1 AND workspace_id = $2 AND accepted_at IS NULL RETURNING id",
        invitation,
        asking.workspace,
    )
    if done is None:
        raise NotFound
    await live.deliver(db.current(), [_people_changed(asking.workspace)])


async def accept_invitation(token: str, name: str, password: str, device: str) -> tuple[str, str]:
    """Join a workspace. Returns (sign-in token, where to go). A known account must give its own password."""
    found = await queries.open_invitation(token)
    if found is None:
        raise LinkExpired
    invitation, workspace, _, email, role = found
    person = check_name(name)
    known = await db.record("SELECT id, password_hash FROM account WHERE folded = $1", fold(email))
    if known is None:
        check_password(password)
        digest = await hash_password(password)
    elif not await matches(known["password_hash"], password):
        raise Invalid(fields={"password": "You already have an account here: enter its password."})
    async with db.transaction():
        if not await db.value(
            "UPDATE invitation SET accepted_at = now() WHERE id = $1 AND accepted_at IS NULL RETURNING id", invitation
        ):
            raise LinkExpired
        account = known["id"] if known else await _new_account(email, digest)
        member = await _join(workspace, account, person, role)
        await append(
            MemberJoined(
                workspace=workspace, actor=f"member:{member}", subject=f"workspace:{workspace}", member=member
            ),
            [_people_changed(workspace)],
        )
        slug = await db.value("SELECT slug FROM workspace WHERE id = $1", workspace)
        return await _new_sign_in(account, device), f"/w/{slug}/home"


async def _join(workspace: UUID, account: UUID, name: str, role: str) -> UUID:
    """Make a member, or bring back the one who was removed. The workspace row serialises colours."""
    await db.execute("SELECT 1 FROM workspace WHERE id = $1 FOR NO KEY UPDATE", workspace)
    number = await db.value("SELECT count(*) FROM member WHERE workspace_id = $1", workspace)
    member: UUID = await db.value(
        "INSERT INTO member (id, workspace_id, account_id, name, colour, role, joined_at) "
        "VALUES ($1, $2, $3, $4, $5, $6, now()) ON CONFLICT (workspace_id, account_id) "
        "DO UPDATE SET removed_at = NULL, role = excluded.role, name = excluded.name RETURNING id",
        uuid7(),
        workspace,
        account,
        name,
        colour_of(number),
        role,
    )
    return member


async def change_role(asking: Asking, member: UUID, role: str, key: str | None) -> None:
    """Give a member another role. Only owners make and unmake owners; one owner stays."""
    asking.require("manage_people")
    before = await _lock_member(asking, member)
    if role not in ROLES or not may_hold(asking.role, role) or not may_hold(asking.role, before):
        raise Forbidden
    if before == "owner" and role != "owner":
        await _keep_an_owner(asking.workspace, member)
    await db.execute("UPDATE member SET role = $2 WHERE id = $1", member, role)
    await append(
        RoleChanged(
            workspace=asking.workspace,
            actor=asking.actor,
            subject=f"workspace:{asking.workspace}",
            member=member,
            role=role,
        ),
        [_people_changed(asking.workspace)],
        key=key,
    )


async def remove_member(asking: Asking, member: UUID, key: str | None) -> None:
    """End a membership; what the person wrote stays. Everybody may leave, admins may remove; one owner stays."""
    if member != asking.id:
        asking.require("manage_people")
    role = await _lock_member(asking, member)
    if member != asking.id and not may_hold(asking.role, role):
        raise Forbidden
    if role == "owner":
        await _keep_an_owner(asking.workspace, member)
    await db.execute("UPDATE member SET removed_at = now() WHERE id = $1", member)
    await append(
        MemberRemoved(
            workspace=asking.workspace, actor=asking.actor, subject=f"workspace:{asking.workspace}", member=member
        ),
        [_people_changed(asking.workspace)],
        key=key,
    )


async def _lock_member(asking: Asking, member: UUID) -> str:
    await db.execute("SELECT 1 FROM workspace WHERE id = $1 FOR NO KEY UPDATE", asking.workspace)
    role: str | None = await db.value(
        "SELECT role FROM member WHERE id = $1 AND workspace_id = $2 AND removed_at IS NULL", member, asking.workspace
    )
    if role is None:
        raise NotFound
    return role


async def _keep_an_owner(workspace: UUID, leaving: UUID) -> None:
    if not await db.value(
        "SELECT 1 FROM member WHERE workspace_id = $1 AND role = 'owner' AND removed_at IS NULL AND id <> $2 LIMIT 1",
        workspace,
        leaving,
    ):
        raise LastOwner


async def ask_for_reset(email: str) -> None:
    """Let the worker mail a reset link, if there is such an account. The reply never tells."""
    account = await db.value("SELECT id FROM account WHERE folded = $1", fold(email))
    if account is None:
        return
    async with db.transaction():
        await append(ResetAsked(workspace=None, actor="nobody", subject=f"account:{account}", account=account))


async def make_reset(account: UUID) -> str:
    """Make a reset token, valid for two hours."""
    token = new_token()
    await PasswordReset(account_id=account, token_hash=hash_token(token), expires_at=later(hours=RESET_HOURS)).save()
    return token


async def reset_password(token: str, password: str, device: str) -> tuple[str, str, list[UUID]]:
    """Choose a new password by link. All other sign-ins of the account end.

    Returns (sign-in token, where to go, ids of the sign-ins that ended).
    """
    check_password(password)
    found = await queries.open_reset(token)
    if found is None:
        raise LinkExpired
    digest = await hash_password(password)
    async with db.transaction():
        if not await db.value(
            "UPDATE password_reset SET used_at = now() WHERE id = $1 AND used_at IS NULL RETURNING id", found[0]
        ):
            raise LinkExpired
        await db.execute("UPDATE account SET password_hash = $2 WHERE id = $1", found[1], digest)
        ended = await db.rows(lambda c: c, "DELETE FROM sign_in WHERE account_id = $1 RETURNING id", found[1])
        home = await queries.home_of(found[1])
        return await _new_sign_in(found[1], device), home or "/sign-in", ended
