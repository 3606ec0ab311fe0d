"""What candidates do, and what becomes of what they sent."""

from uuid import UUID

import msgspec

from server.core import db
from server.hiring.interviews import giving_up, preparing
from server.hiring.workspaces import actions as workspaces
from tests.cast import PASSWORD, Json, sign_in
from tests.server import copies, takes
from tests.server.convergence import Scene, scenario
from tests.server.house import drain
from tests.server.scenarios.paths import API, OWN, UPLOADS, path_of


@scenario(
    "POST /c/jobs/{token}/applications", "POST /c/link-requests", "event applied", "event link_asked",
    "task mail_first_link", "task mail_link_again", "task notify_applied", "payload card",
    "payload notified",
)  # fmt: skip
async def applying(scene: Scene) -> None:
    await scene.furnish()
    await scene.after(lambda: scene.cast.cleo(scene.job, "Somebody Else"))
    await scene.after(lambda: scene.cleo.done("POST", "/c/link-requests", {"email": scene.cleo.email}))


@scenario(
    f"POST {API}/applications/{{application}}/notes", f"POST {API}/applications/{{application}}/messages",
    f"POST {OWN}/messages", "event note_written", "event message_written", "task mail_news", "task notify_message",
    "payload note", "payload message", "payload application",
)  # fmt: skip
async def talking(scene: Scene) -> None:
    await scene.furnish()
    ben, path = scene.cast.ben, path_of(scene)
    await scene.after(lambda: ben.make("POST", f"{path}/notes", {"body": "Fine"}))
    await scene.after(lambda: ben.make("POST", f"{path}/messages", {"body": "Hello"}))
    await scene.after(lambda: scene.cleo.make("POST", "/messages", {"body": "Hello team"}))
    await scene.after(lambda: scene.ada.make("POST", f"{path}/messages", {"body": "Hello Cleo"}))


@scenario(
    f"POST {OWN}/questions/{{question}}/takes", f"POST {OWN}/takes/{{take}}/acceptance",
    f"PUT {OWN}/questions/{{question}}/text", f"POST {OWN}/submission", "event take_started", "event take_ended",
    "event answered", "event submitted", "event application_opened",
    "task recording_started", "task recording_finished", "task recording_silence",
    "task notify_submitted", "task notify_broken",
    "payload answer", "payload take",
)  # fmt: skip
async def answering(scene: Scene) -> None:
    await scene.furnish()
    house, cleo = scene.house, scene.cleo
    first, second = await cleo.questions()
    ticket: dict[str, Json] = {}

    async def record(*outcomes: str, **more: object) -> None:
        ticket.update(await takes.begin(house, cleo, first))
        await takes.report(house, ticket["recording"], outcomes, **more)

    # The ticket alone tells nobody: a second tab learns of the take with its first picture.
    await scene.after(lambda: record("recording"))
    await scene.after(lambda: takes.hear(house, ticket["recording"], silent=True))
    await scene.after(lambda: takes.hear(house, ticket["recording"], silent=False))
    await scene.after(lambda: takes.report(house, ticket["recording"], ["complete"]))
    await scene.after(lambda: cleo.make("POST", f"/takes/{ticket['take']}/acceptance", {}))
    await scene.after(lambda: cleo.make("PUT", f"/questions/{second}/text", {"text": "In words"}))
    await scene.after(lambda: record("recording", "interrupted"))
    await scene.after(lambda: record("failed", duration_ms=0))
    await scene.after(lambda: cleo.make("PUT", f"/questions/{second}/text", {"text": "In other words"}))
    await scene.after(lambda: cleo.make("POST", "/submission", {}))
    await scene.after(lambda: scene.cast.ben.read(path_of(scene)))  # somebody looks


@scenario("event take_ended")
async def losing_the_recorder(scene: Scene) -> None:
    await scene.furnish()
    (first, _) = await scene.cleo.questions()
    ticket = await takes.begin(scene.house, scene.cleo, first)
    await takes.report(scene.house, ticket["recording"], ["recording"])

    async def give_up() -> None:
        async with db.transaction():
            await giving_up.give_up(UUID(ticket["recording"]), "recording")

    await scene.after(give_up)


@scenario(
    f"POST {OWN}/questions/{{question}}/file", "task derive",
    "task make_poster", "task listen", "task look", "task make_movie",
)  # fmt: skip
async def sending_a_file(scene: Scene) -> None:
    await scene.furnish()
    first, _ = await scene.cleo.questions()
    film = {"content": takes.clip(scene.house.settings.data), "headers": {"content-type": "video/webm"}}
    await scene.after(lambda: scene.cleo.make("POST", f"/questions/{first}/file", **film))


@scenario(
    f"PUT {API}/recordings/{{recording}}/captions", f"POST {API}/recordings/{{recording}}/captions",
    "event captions_changed",
)  # fmt: skip
async def captioning(scene: Scene) -> None:
    await scene.furnish()
    first, _ = await scene.cleo.questions()
    answer = await takes.recorded(scene.house, scene.cleo, first)
    await scene.cleo.make("POST", f"/takes/{answer['take']}/acceptance", {})
    video = await scene.ada.make("POST", f"/jobs/{scene.job['id']}/video", {})
    await takes.report(scene.house, video["recording"])
    await scene.ada.make("POST", f"/jobs/{scene.job['id']}/video/acceptance", {"recording": video["recording"]})
    await drain()
    file = {"content": b"WEBVTT\n\n00:01.000 --> 00:02.000\nHello\n", "headers": {"content-type": "text/vtt"}}
    cues = [{"start_ms": 0, "end_ms": 900, "text": "Hello"}]
    for recording in (answer["recording"], video["recording"]):
        path = f"/recordings/{recording}/captions"
        await scene.after(lambda p=path: scene.ada.make("POST", f"{p}?version=0", **file))  # type: ignore[misc]
        await scene.after(lambda p=path: scene.cast.rae.make("PUT", p, {"version": 1, "cues": cues}))  # type: ignore[misc]
        await scene.after(lambda p=path: scene.cast.ben.make("PUT", p, {"version": 2, "cues": []}))  # type: ignore[misc]


@scenario()
async def preparing_copies(scene: Scene) -> None:
    await scene.furnish()
    first, _ = await scene.cleo.questions()
    kept = await takes.recorded(scene.house, scene.cleo, first)
    await scene.cleo.make("POST", f"/takes/{kept['take']}/acceptance", {})
    other = await takes.recorded(scene.house, scene.cleo, first)
    for ticket in (kept, other):
        recording = UUID(ticket["recording"])
        await db.execute("UPDATE recording SET movie = 'waiting' WHERE id = $1", recording)
        for percent in (0, 40, 30, 80):
            await scene.after(lambda r=recording, p=percent: preparing.tell_progress(r, p))  # type: ignore[misc]
        await scene.after(lambda r=recording: preparing.movie_given_up(msgspec.json.encode(r)))  # type: ignore[misc]


@scenario(f"PATCH {UPLOADS}/{{upload}}", "event copy_arrived", "task join_upload")
async def sending_copies(scene: Scene) -> None:
    await scene.furnish()
    first, second = await scene.cleo.questions()
    film = takes.clip(scene.house.settings.data)
    whole = await takes.recorded(scene.house, scene.cleo, first, duration_ms=1000)
    broken = await takes.recorded(scene.house, scene.cleo, first, duration_ms=100)
    await scene.cleo.make("POST", f"/takes/{broken['take']}/acceptance", {})
    for question, take in [(first, whole["take"]), (first, broken["take"]), (second, "")]:
        path = await copies.begin(scene.cleo, len(film), question=question, take=take)
        await scene.after(lambda path=path: copies.send(scene.cleo, path, 0, film))  # type: ignore[misc]


@scenario(
    "POST /api/sign-in", "POST /api/sign-out", "POST /api/password-resets", "POST /api/password-resets/{token}",
    "event reset_asked", "task mail_reset",
)  # fmt: skip
async def coming_and_going(scene: Scene) -> None:
    await scene.furnish()
    ben = scene.cast.ben
    await scene.after(lambda: ben.done("POST", "/api/sign-out"))
    await scene.after(lambda: ben.done("POST", "/api/sign-in", {"email": ben.email, "password": PASSWORD}))
    await scene.after(lambda: ben.done("POST", "/api/password-resets", {"email": ben.email}))
    async with db.transaction():
        token = await workspaces.make_reset(ben.account)
    form = {"password": "another sentence to keep"}
    await scene.after(lambda: scene.cast.nobody().done("POST", f"/api/password-resets/{token}", form))
    await sign_in(ben)
