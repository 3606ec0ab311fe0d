"""The pages of the application as convergence sees them: how each is read, what it follows and applies by itself."""

from datetime import UTC, datetime, timedelta

import httpx

from tests.cast import Json
from tests.server.convergence import Kind, Scene


def workspace(scene: Scene) -> str:
    return f"workspace:{scene.ada.workspace}"


async def unread(_scene: Scene) -> None:
    """A page of this second's numbers, which it asks for again and again by command: nothing to compare."""


async def editor(scene: Scene) -> Json:
    """The job and its flow, each with a version of its own."""
    path = f"/jobs/{scene.job['id']}"
    return {"job": await scene.ada.read(path), "flow": await scene.ada.read(f"{path}/flow")}


async def agenda(scene: Scene) -> Json:
    """The meetings of these days."""
    now = datetime.now(UTC)
    span = httpx.QueryParams(
        {"from": (now - timedelta(days=1)).isoformat(), "until": (now + timedelta(days=7)).isoformat()}
    )
    return await scene.ada.read(f"/meetings?{span}")


KINDS = {
    "home": Kind(
        paths=("/w/{slug}/home",),
        read=lambda scene: scene.ada.read("/home"),
        topics=lambda scene: [f"member:{scene.ada.id}", workspace(scene)],
        asks=frozenset({"workspace/desk", "workspace/job", "member/notified", "member/inbox_read"}),
    ),
    "candidates": Kind(
        paths=("/w/{slug}/candidates",),
        read=lambda scene: scene.ada.read("/candidates"),
        topics=lambda scene: [workspace(scene)],
        asks=frozenset({"workspace/desk", "workspace/job", "workspace/profile"}),
        once={"candidates.poster": "a face that is made later is there at the next look"},
    ),
    "jobs": Kind(
        paths=("/w/{slug}/jobs",),
        read=lambda scene: scene.ada.read("/jobs"),
        topics=lambda scene: [workspace(scene)],
        asks=frozenset({"workspace/job", "workspace/desk"}),
    ),
    "board": Kind(
        paths=("/w/{slug}/jobs/{job}",),
        read=lambda scene: scene.ada.read(f"/jobs/{scene.job['id']}/board"),
        topics=lambda scene: [f"job:{scene.job['id']}", workspace(scene)],
        reducer="board",
        asks=frozenset({"job/job"}),
        once={
            "job.counts": "the columns count",
            "job.new": "not shown",
            "people": "the faces of who did what come with the events themselves",
        },
    ),
    "list": Kind(
        paths=("/w/{slug}/jobs/{job}/list",),
        read=lambda scene: scene.ada.read(f"/jobs/{scene.job['id']}/list"),
        topics=lambda scene: [f"job:{scene.job['id']}", workspace(scene), f"member:{scene.ada.id}"],
        asks=frozenset({"job/job", "job/card", "job/cards", "workspace/profile", "workspace/views", "member/views"}),
        once={"people": "names of colleagues; asked for again with the rest"},
    ),
    "editor": Kind(
        paths=("/w/{slug}/jobs/{job}/edit",),
        read=editor,
        topics=lambda scene: [f"job:{scene.job['id']}", workspace(scene)],
        asks=frozenset({"job/job", "workspace/job"}),
        once={"flow.members": "whom a stage may assign; asked for again with the page"},
    ),
    "application": Kind(
        paths=("/w/{slug}/applications/{application}",),
        read=lambda scene: scene.ada.read(f"/applications/{scene.cleo.application}"),
        topics=lambda scene: [
            f"application:{scene.cleo.application}",
            f"conversation:{scene.cleo.application}",
            f"job:{scene.job['id']}",
            f"member:{scene.ada.id}",
        ],
        reducer="application",
        asks=frozenset({"job/job"}),
        once={
            "job.counts": "not shown",
            "job.people": "not shown",
            "job.new": "not shown",
            "people": "authors come with what they wrote",
            "previous": "follows from the column; asked for when one goes on",
            "next": "follows from the column; asked for when one goes on",
            "place": "follows from the column",
            "places": "follows from the column",
        },
    ),
    "scorecards": Kind(  # beside the answers, on the page of the application
        paths=(),
        read=lambda scene: scene.ada.read(f"/applications/{scene.cleo.application}/scorecard"),
        topics=lambda scene: [
            f"application:{scene.cleo.application}",
            f"job:{scene.job['id']}",
            f"member:{scene.ada.id}",
        ],
        asks=frozenset({"application/scorecards", "application/application", "member/scorecards", "job/job"}),
    ),
    "scores": Kind(  # on the cards of board and list
        paths=(),
        read=lambda scene: scene.ada.read(f"/jobs/{scene.job['id']}/scores?cards={scene.cleo.application}"),
        topics=lambda scene: [f"job:{scene.job['id']}"],
        asks=frozenset({"job/card", "job/cards"}),
    ),
    "meetings": Kind(  # on the page of the application
        paths=(),
        read=lambda scene: scene.ada.read(f"/applications/{scene.cleo.application}/meetings"),
        topics=lambda scene: [f"application:{scene.cleo.application}", f"job:{scene.job['id']}"],
        asks=frozenset({"application/meeting", "application/application", "job/job"}),
    ),
    "agenda": Kind(  # on home
        paths=(),
        read=agenda,
        topics=lambda scene: [f"member:{scene.ada.id}", workspace(scene)],
        asks=frozenset({"member/meeting", "workspace/desk", "workspace/job"}),
    ),
    "import": Kind(
        paths=("/w/{slug}/jobs/{job}/import",),
        read=lambda scene: scene.ada.read(f"/jobs/{scene.job['id']}/imports"),
        topics=lambda scene: [f"job:{scene.job['id']}", workspace(scene)],
        asks=frozenset({"job/import", "workspace/profile"}),
    ),
    "profile": Kind(
        paths=("/w/{slug}/candidates/{candidate}",),
        read=lambda scene: scene.ada.read(f"/candidates/{scene.candidate}"),
        topics=lambda scene: [
            f"profile:{scene.candidate}",
            f"application:{scene.cleo.application}",
            f"conversation:{scene.cleo.application}",
            f"job:{scene.job['id']}",
            workspace(scene),
            *(f"application:{one}" for one in scene.more),
        ],
        asks=frozenset(
            {"profile/profile", "workspace/profile", "application/application", "job/job", "conversation/message"}
        ),
    ),
    "people": Kind(
        paths=("/w/{slug}/people",),
        read=lambda scene: scene.ada.read("/people"),
        topics=lambda scene: [workspace(scene)],
        asks=frozenset({"workspace/people"}),
    ),
    "templates": Kind(
        paths=("/w/{slug}/templates",),
        read=lambda scene: scene.ada.read("/message-templates"),
        topics=lambda scene: [workspace(scene)],
        asks=frozenset({"workspace/templates"}),
    ),
    "inbox": Kind(
        paths=("/w/{slug}/inbox",),
        read=lambda scene: scene.ada.read("/inbox"),
        topics=lambda scene: [f"member:{scene.ada.id}"],
        reducer="inbox",
        once={
            "notifications.poster": "the face in a line is the one there was when it was told",
            "notifications.name": "a line goes on naming them as when it was told, until it is fetched",
        },
    ),
    "monitor": Kind(
        paths=("/w/{slug}/monitor", "/w/{slug}/monitoring"),
        read=unread,
        topics=lambda scene: [f"monitor:{scene.ada.workspace}"],
    ),
    "place": Kind(
        paths=tuple(f"/c/a/{{application}}{page}" for page in ("", "/check", "/consent", "/record")),
        read=lambda scene: scene.cleo.read("/place"),
        topics=lambda scene: [f"candidate:{scene.cleo.application}", f"conversation:{scene.cleo.application}"],
        reducer="candidate",
        asks=frozenset({"candidate/place"}),
        by_candidate=True,
    ),
}
