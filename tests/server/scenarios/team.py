"""The team: notices, colleagues and sessions."""

from server.core import db
from tests.cast import PASSWORD, Json
from tests.server.convergence import Scene, scenario
from tests.server.house import drain
from tests.server.scenarios.paths import API


@scenario(f"POST {API}/inbox/reading", "payload inbox_read")
async def reading_notices(scene: Scene) -> None:
    await scene.furnish()
    for words in ("One", "Two"):
        await scene.cleo.make("POST", "/messages", {"body": words})
    await drain()
    (newest, *_) = (await scene.ada.read("/inbox"))["notifications"]
    await scene.after(lambda: scene.ada.make("POST", "/inbox/reading", {"id": newest["id"]}))
    await scene.after(lambda: scene.ada.make("POST", "/inbox/reading", {"url": newest["url"]}))
    await scene.cleo.make("POST", "/messages", {"body": "Three"})
    await drain()
    await scene.after(lambda: scene.ada.make("POST", "/inbox/reading", {}))


@scenario(f"PUT {API}/jobs/{{job}}/hearing", "payload hearing")
async def muting(scene: Scene) -> None:
    await scene.furnish()
    hearing = f"/jobs/{scene.job['id']}/hearing"
    await scene.after(lambda: scene.ada.make("PUT", hearing, {"applications": True}))
    await scene.after(lambda: scene.cast.cleo(scene.job, "Heard"))
    await scene.after(lambda: scene.ada.make("PUT", hearing, {"muted": True}))
    await scene.after(lambda: scene.cast.cleo(scene.job, "Unheard"))
    await scene.after(lambda: scene.ada.make("PUT", hearing, {}))


@scenario(
    f"POST {API}/invitations", f"DELETE {API}/invitations/{{invitation}}", f"PATCH {API}/members/{{member}}",
    f"DELETE {API}/members/{{member}}", "POST /api/invitations/{token}/acceptance", "event member_invited",
    "event member_joined", "event role_changed", "event member_removed", "task notify_joined",
    "payload people",
)  # fmt: skip
async def colleagues(scene: Scene) -> None:
    await scene.furnish()
    links: list[str] = []

    async def invite(email: str) -> None:
        made = await scene.ada.make("POST", "/invitations", {"email": email, "role": "recruiter"})
        links.append(made["link"].rsplit("/", 1)[1])

    def join() -> Json:
        form = {"name": "Eve", "password": PASSWORD}
        return scene.cast.nobody().done("POST", f"/api/invitations/{links[0]}/acceptance", form)

    await scene.after(lambda: invite(f"eve.{scene.ada.slug}@example.org"))
    await scene.after(join)
    await scene.after(lambda: invite("nobody@example.org"))
    (open_one,) = (await scene.ada.read("/people"))["invitations"]
    await scene.after(lambda: scene.ada.make("DELETE", f"/invitations/{open_one['id']}"))
    ben = f"/members/{scene.cast.ben.id}"
    await scene.after(lambda: scene.ada.make("PATCH", ben, {"role": "reviewer"}))
    await scene.after(lambda: scene.ada.make("DELETE", ben))


@scenario(f"POST {API}/sessions/{{session}}/ending", "event session_ended", "payload session_closed")
async def ending_sessions(scene: Scene) -> None:
    await scene.furnish()
    session = await db.value("SELECT id FROM sign_in WHERE account_id = $1", scene.cast.ben.account)
    await scene.after(lambda: scene.ada.make("POST", f"/sessions/{session}/ending", {}))
