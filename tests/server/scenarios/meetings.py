"""What happens to meetings."""

from datetime import UTC, datetime, timedelta

from tests.cast import Json
from tests.server.convergence import Scene, scenario
from tests.server.scenarios.paths import API, path_of


def first_call(scene: Scene) -> Json:
    return {
        "title": "First call",
        "starts_at": (datetime.now(UTC) + timedelta(days=1)).isoformat(),
        "minutes": 30,
        "zone": "Europe/Berlin",
        "place": "https://meet.example/first",
        "members": [str(scene.ada.id)],
    }


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
    wanted = first_call(scene)
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


@scenario(
    f"POST {API}/jobs/{{job}}/declines", "event applications_moved", "event meeting_called_off", "payload meeting"
)
async def declining_who_is_expected(scene: Scene) -> None:
    await scene.furnish()
    first, second, third = [await scene.cast.cleo(scene.job, name) for name in ("Ines", "Jon", "Kim")]
    for who in (first, second, first):
        await scene.ada.make("POST", f"/applications/{who.application}/meetings", first_call(scene))
    await scene.ada.make("POST", f"{path_of(scene)}/meetings", first_call(scene))

    async def decline(text: str | None, *cards: str) -> None:
        place = {"stage": scene.job["stages"][-1]["id"], "version": 10_000}
        body = {"text": text, "call_off": True, "cards": [{"card": card, **place} for card in cards]}
        await scene.cast.ben.make("POST", f"/jobs/{scene.job['id']}/declines", body)

    await scene.after(lambda: decline("Hello {first_name}, not this time.", first.application, third.application))
    await scene.after(lambda: decline(None, second.application))
    await scene.after(lambda: decline("Thank you.", scene.cleo.application))
