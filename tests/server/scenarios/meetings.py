"""What happens to meetings."""

from datetime import UTC, datetime, timedelta

from tests.cast import Json
from tests.server.convergence import Scene, scenario
from tests.server.scenarios.paths import API, path_of


@scenario(
    f"POST {API}/applications/{{application}}/meetings", f"PUT {API}/meetings/{{meeting}}",
    f"DELETE {API}/meetings/{{meeting}}", "event meeting_planned", "event meeting_changed",
    "event meeting_called_off", "event meeting_left", "payload meeting", "task leave_meetings",
    "task mail_meeting_planned", "task mail_meeting_changed", "task mail_meeting_called_off",
    "task notify_meeting_planned", "task notify_meeting_changed", "task notify_meeting_called_off",
    "task notify_meeting_deserted",
)  # fmt: skip
async def meetings(scene: Scene) -> None:
    await scene.furnish()
    ben = scene.cast.ben
    wanted = {
        "title": "First call",
        "starts_at": (datetime.now(UTC) + timedelta(days=1)).isoformat(),
        "minutes": 30,
        "zone": "Europe/Berlin",
        "place": "https://meet.example/first",
        "members": [str(scene.ada.id)],
    }
    seen: Json = {}

    async def plan() -> None:
        seen.update(await ben.make("POST", f"{path_of(scene)}/meetings", wanted))

    async def change(**other: Json) -> None:
        body = wanted | other | {"version": seen["version"]}
        seen.update(await ben.make("PUT", f"/meetings/{seen['id']}", body))

    await scene.after(plan)
    await scene.after(lambda: change(minutes=45))
    await scene.after(lambda: change(members=[str(ben.id)]))  # leaves Ada's day
    await scene.after(lambda: change(members=[str(ben.id), str(scene.ada.id)]))
    await scene.after(lambda: change(members=[str(scene.cast.rae.id)]))
    await scene.after(lambda: scene.ada.make("DELETE", f"/members/{scene.cast.rae.id}"))
    await scene.after(lambda: ben.make("DELETE", f"/meetings/{seen['id']}?version={seen['version']}"))
