"""Following: who hears of an application beyond what everybody hears.

Owners, reviewers, those whom a note mentions and those who write one follow by themselves, unless they have said that
they do not want to. Whoever unfollows hears nothing of it any more, but for what is meant for them alone.
"""

from collections.abc import Collection
from uuid import UUID

from server.core import db, live
from server.core.access import Asking
from server.core.events import append
from server.core.ids import uuid7
from server.hiring.applications.events import FollowingSet
from server.hiring.applications.queries import in_workspace
from server.hiring.views.base import View
from server.hiring.views.payloads import FollowingChanged


class Wish(View, frozen=True, kw_only=True):
    """Whether to follow."""

    following: bool


async def set_following(asking: Asking, application: UUID, wish: Wish, key: str | None) -> Wish:
    """Follow or unfollow; the member's other tabs are told."""
    await in_workspace(asking.workspace, application)
    await db.execute(
        "INSERT INTO following (id, workspace_id, application_id, member_id, wanted) VALUES ($1, $2, $3, $4, $5) "
        "ON CONFLICT (application_id, member_id) DO UPDATE SET wanted = excluded.wanted",
        uuid7(),
        asking.workspace,
        application,
        asking.id,
        wish.following,
    )
    await append(
        FollowingSet(
            workspace=asking.workspace,
            actor=asking.actor,
            subject=f"application:{application}",
            application=application,
            wanted=wish.following,
        ),
        [_told(asking.id, application, following=wish.following)],
        key=key,
    )
    return wish


async def follow_by_itself(workspace: UUID, application: UUID, members: Collection[UUID]) -> list[live.Delivery]:
    """Let members follow who have not said what they want; returns what their tabs are told, for the caller's event."""
    begun: list[UUID] = await db.rows(
        lambda c: c,
        "INSERT INTO following (id, workspace_id, application_id, member_id, wanted) "
        "SELECT gen_random_uuid(), $1, $2, m, true FROM unnest($3::uuid[]) AS m ORDER BY m "
        "ON CONFLICT (application_id, member_id) DO NOTHING RETURNING member_id",
        workspace,
        application,
        list(members),
    )
    return [_told(member, application, following=True) for member in begun]


def _told(member: UUID, application: UUID, *, following: bool) -> live.Delivery:
    return live.Delivery(live.member(member), FollowingChanged(application=application, following=following))


async def follows(member: UUID, application: UUID) -> bool:
    """Whether this member follows the application."""
    return bool(
        await db.value("SELECT wanted FROM following WHERE application_id = $1 AND member_id = $2", application, member)
    )


async def follow_many_by_itself(workspace: UUID, applications: Collection[UUID], member: UUID) -> list[live.Delivery]:
    """The same for one member and many applications."""
    begun: list[UUID] = await db.rows(
        lambda c: c,
        "INSERT INTO following (id, workspace_id, application_id, member_id, wanted) "
        "SELECT gen_random_uuid(), $1, a, $3, true FROM unnest($2::uuid[]) AS a ORDER BY a "
        "ON CONFLICT (application_id, member_id) DO NOTHING RETURNING application_id",
        workspace,
        list(applications),
        member,
    )
    return [_told(member, application, following=True) for application in begun]
