"""The scenarios of convergence: every action of the application, done once with every kind of page open.

What is new is missed by `test_convergence.py` until it is named here: an action with the scenario that does it, or in
`NOTHING_TO_SEE` with the reason why no page could differ; a page with its kind.
"""

from uuid import UUID, uuid4

import msgspec

from server.core import db
from server.hiring.applications.promising import tell_overdue
from server.hiring.applications.queries import FIRST
from server.hiring.interviews import preparing, recordings
from server.hiring.workspaces import actions as workspaces
from tests.cast import PASSWORD, Json, sign_in
from tests.server import copies, crowd, takes
from tests.server.convergence import Kind, Scene, scenario
from tests.server.house import drain

API, OWN, UPLOADS = "/w/{slug}/api", "/c/a/{application}/api", "/c/a/{application}/uploads"

NOTHING_TO_SEE = {
    f"POST {OWN}/speed": "noise that is measured and forgotten",
    f"POST {OWN}/links": "a link for oneself; nothing is kept but its hash",
    f"POST {OWN}/handovers": "a link for another device; nothing is kept but its hash",
    "POST /c/links": "a link for a cookie, before there is a page",
    "POST /api/setup": "founds a workspace that nobody has open",
    "event workspace_founded": "a workspace that nobody has open",
    "POST /c/a/{application}/whip/{recording}": "to the recorder, whose reports are `takes`",
    "DELETE /c/a/{application}/whip/{recording}": "to the recorder, whose reports are `takes`",
    "POST /w/{slug}/whip/{recording}": "to the recorder, whose reports are `takes`",
    "DELETE /w/{slug}/whip/{recording}": "to the recorder, whose reports are `takes`",
    f"POST {UPLOADS}": "room for a copy, before its first byte",
    f"DELETE {UPLOADS}/{{upload}}": "a copy that never arrived whole",
    f"POST {UPLOADS}/{{upload}}": "PATCH and DELETE by another name",
    "task delete_files": "files of recordings that were forgotten",
    "schedule discard": "takes that nobody kept, days after the hand-in",
    "schedule expire_uploads": "copies that never arrived whole",
    "schedule tidy": "what nobody can see any more",
    "schedule forget_notices": "lines far down in the bell",
    "schedule tell_overdue": "the minute in which a promise is found broken: told by its event",
    "schedule close_visits": "ends of visits to the monitor, kept for the record",
    "schedule expire_imports": "files that nobody let in for a week",
    "event candidates_exported": "kept for the record",
    f"POST {API}/jobs/{{job}}/exports": "a file; nothing is another than before",
    f"POST {API}/jobs/{{job}}/list/exports": "a file; nothing is another than before",
    "event monitor_opened": "a visit to the monitor, kept for the record",
    "event monitor_closed": "a visit to the monitor, kept for the record",
    f"POST {API}/flow-templates": "kept flows are read when their menu opens",
    f"DELETE {API}/flow-templates/{{template}}": "kept flows are read when their menu opens",
    "event flow_template_saved": "kept flows are read when their menu opens",
    "event flow_template_deleted": "kept flows are read when their menu opens",
    f"POST {API}/jobs/{{job}}/video": "a ticket; the job is as it was until a recording is accepted",
}


def workspace(scene: Scene) -> str:
    return f"workspace:{scene.ada.workspace}"


async def unread(_scene: Scene) -> None:
    """A page of this second's numbers, which it asks for again and again by command: nothing to compare."""


async def editor(scene: Scene) -> Json:
    """The job and its flow, each with a version of its own."""
    path = f"/jobs/{scene.job['id']}"
    return {"job": await scene.ada.read(path), "flow": await scene.ada.read(f"{path}/flow")}


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
        asks=frozenset({"workspace/job"}),
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
        paths=("/c/a/{application}", "/c/a/{application}/check", "/c/a/{application}/record"),
        read=lambda scene: scene.cleo.read("/place"),
        topics=lambda scene: [f"candidate:{scene.cleo.application}", f"conversation:{scene.cleo.application}"],
        reducer="candidate",
        asks=frozenset({"candidate/place"}),
        by_candidate=True,
    ),
}


def path_of(scene: Scene) -> str:
    return f"/applications/{scene.cleo.application}"


def move(scene: Scene, stage: str, before: str | None = None) -> Json:
    body = {"stage": stage, "before": before, "version": 10_000}
    return scene.cast.ben.make("POST", f"{path_of(scene)}/moves", body)


@scenario(
    f"POST {API}/jobs", f"PATCH {API}/jobs/{{job}}", f"PUT {API}/jobs/{{job}}/questions",
    f"PUT {API}/jobs/{{job}}/state", f"DELETE {API}/jobs/{{job}}", "event job_created", "event job_edited",
    "event job_state_changed", "event draft_deleted", "payload job", "payload place", "task tell_of_edit",
    "task tell_of_state",
)  # fmt: skip
async def jobs(scene: Scene) -> None:
    await scene.furnish()
    ben = scene.cast.ben

    async def edit(method: str, rest: str, **body: Json) -> None:
        scene.job = await ben.make(method, f"/jobs/{scene.job['id']}{rest}", body)

    await scene.after(lambda: ben.make("POST", "/jobs", {"title": "Another"}))
    (draft,) = [job["id"] for job in await ben.read("/jobs") if job["state"] == "draft"]
    await scene.after(lambda: ben.make("DELETE", f"/jobs/{draft}"))
    await scene.after(lambda: edit("PATCH", "", version=scene.job["version"], title="Engineer", location="Lisbon"))
    questions = [*scene.job["questions"], {"text": "And a third?", "longest": 90}]
    await scene.after(lambda: edit("PUT", "/questions", version=scene.job["version"], questions=questions[1:]))
    await scene.after(lambda: edit("PUT", "/state", state="closed"))
    await scene.after(lambda: edit("PUT", "/state", state="open"))


@scenario(
    f"POST {API}/jobs/{{job}}/video/acceptance", f"DELETE {API}/jobs/{{job}}/video", "event job_video_changed",
    "task recording_finished", "task tell_of_video",
)  # fmt: skip
async def job_video(scene: Scene) -> None:
    await scene.furnish()
    video = f"/jobs/{scene.job['id']}/video"
    await takes.announce(scene.house, takes.PHANTOM)
    ticket = await scene.ada.make("POST", video, {})
    await scene.after(lambda: takes.report(scene.house, ticket["recording"]))
    body = {"recording": ticket["recording"]}
    await scene.after(lambda: scene.cast.ben.make("POST", f"{video}/acceptance", body))
    await scene.after(lambda: scene.cast.ben.make("DELETE", video))


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
            await recordings.give_up(UUID(ticket["recording"]), "recording")

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


@scenario(f"POST {API}/applications/{{application}}/moves", "event application_moved", "task notify_moved")
async def moving(scene: Scene) -> None:
    await scene.furnish()
    await scene.cast.cleo(scene.job, "Somebody Else")
    cards = (await scene.ada.read(f"/jobs/{scene.job['id']}/board"))["cards"]
    (other,) = [card["id"] for card in cards if card["id"] != scene.cleo.application]
    stages = [stage["id"] for stage in scene.job["stages"]]
    for stage, before in [(0, other), (0, None), (1, None), (3, None), (4, None), (5, None), (6, None), (0, other)]:
        await scene.after(lambda stage=stage, before=before: move(scene, stages[stage], before))  # type: ignore[misc]


@scenario("event application_moved", "event note_written", "payload card")
async def moving_in_a_crowd(scene: Scene) -> None:
    """More cards than are loaded: into what is seen of a column, out of it, past its end, and all of it behind that."""
    await scene.furnish()
    await crowd.fill(scene.job["id"], [stage["id"] for stage in scene.job["stages"][:3]], 3 * FIRST + 9)
    stages = [stage["id"] for stage in scene.job["stages"]]
    columns = [await crowd.order(stage) for stage in stages]
    first, last = columns[0][0], columns[0][-1]

    async def put(card: str, stage: int, before: str | None) -> None:
        body = {"stage": stages[stage], "before": before, "version": 10_000}
        await scene.cast.ben.make("POST", f"/applications/{card}/moves", body)

    moves: list[tuple[str, int, str | None]] = [
        (last, 0, first), (first, 0, None), (columns[0][2], 1, None), (columns[0][-2], 1, None),
        (columns[1][-3], 2, columns[2][5]), (columns[2][4], 2, None), (columns[0][-4], 3, None),
        (columns[1][FIRST - 1], 0, columns[0][3]), (columns[1][FIRST], 1, columns[1][0]),
    ]  # fmt: skip
    for card, stage, before in moves:
        await scene.after(lambda card=card, stage=stage, before=before: put(card, stage, before))  # type: ignore[misc]

    async def many() -> None:
        for card in columns[2][:7] + columns[0][-9:-5]:
            await put(card, 4, None)
        await scene.cast.ben.make("POST", f"/applications/{columns[1][-1]}/notes", {"body": "Far down"})

    await scene.after(many)
    await scene.after(lambda: scene.cast.cleo(scene.job, "Somebody Else"))


@scenario(
    f"POST {API}/jobs/{{job}}/imports", f"PUT {API}/imports/{{imported}}/mapping",
    f"POST {API}/imports/{{imported}}/start", f"POST {API}/imports/{{imported}}/cancellation", "event import_started",
    "event import_ended", "task read_import", "task run_import", "task end_import", "task notify_imported",
    "payload import",
)  # fmt: skip
async def importing(scene: Scene) -> None:
    await scene.furnish()
    rows = f"wer,mail,ort\nNew One,new@import.example,Lisbon\nCleo,{scene.cleo.email},Porto\n".encode()
    view: Json = {}

    async def bring() -> None:
        view.update(await scene.cast.ben.make("POST", f"/jobs/{scene.job['id']}/imports", content=rows))

    async def change(method: str, rest: str, **body: Json) -> None:
        path = f"/imports/{view['row']['id']}"
        version = (await scene.ada.read(path))["row"]["version"]
        await scene.cast.ben.make(method, f"{path}/{rest}", {"version": version, **body})

    await scene.after(bring)
    await scene.after(lambda: change("POST", "cancellation"))
    await scene.after(bring)
    await scene.after(lambda: change("PUT", "mapping", columns=["name", "email", "location"]))
    await scene.after(lambda: change("POST", "start"))


@scenario(
    f"PUT {API}/jobs/{{job}}/flow", "event flow_changed", "task tell_of_flow", "task enter_first_stage",
    "task pass_stages", "task pass_stages_together", "task act_for_stage", "task mail_questions",
)  # fmt: skip
async def designing_the_flow(scene: Scene) -> None:
    await scene.furnish()
    await scene.cast.cleo(scene.job, "Somebody Else")
    flow = f"/jobs/{scene.job['id']}/flow"

    async def put(*stages: Json, **more: Json) -> None:
        version = (await scene.ada.read(flow))["version"]
        await scene.cast.ben.make("PUT", flow, {"version": version, "stages": stages, **more})

    applied, video, review, *rest = (await scene.ada.read(flow))["stages"]
    talk = {"name": "Talk", "kind": "conversation", "colour": 3, "hint": 5, "days": 2}
    talk["actions"] = [
        {"id": str(uuid4()), "kind": "message", "text": "Hello {first_name}"},
        {"id": str(uuid4()), "kind": "ask"},
        {"id": str(uuid4()), "kind": "message", "when": "exit", "text": "So long"},
    ]
    await scene.after(lambda: put(applied, video, talk, review, *rest))
    renamed = [{**applied, "name": "Everybody"}, video, (await scene.ada.read(flow))["stages"][2], review, *rest]
    await scene.after(lambda: put(*renamed))
    await scene.after(lambda: move(scene, renamed[2]["id"]))
    await scene.after(lambda: move(scene, review["id"]))
    back = [{"card": scene.cleo.application, "stage": renamed[2]["id"], "version": 10_000}]
    await scene.after(lambda: scene.cast.ben.make("POST", f"/jobs/{scene.job['id']}/moves", {"cards": back}))
    await scene.after(lambda: put(*renamed[:2], *renamed[3:], moves=[{"stage": renamed[2]["id"], "to": 2}]))
    asking = {**review, "kind": "task", "needs": [{"kind": "notes", "count": 2}]}
    await scene.after(lambda: put(renamed[0], video, asking, *rest))


@scenario("event promise_made", "event promise_broken", "task notify_overdue")
async def promising(scene: Scene) -> None:
    await scene.furnish()
    flow, ben = f"/jobs/{scene.job['id']}/flow", scene.cast.ben
    applied, video, review, interview, *rest = (await scene.ada.read(flow))["stages"]
    interview["actions"] = [{"id": str(uuid4()), "kind": "promise", "count": 2}]
    await ben.make("PUT", flow, {"version": 1, "stages": [applied, video, review, interview, *rest]})
    job = await ben.read(f"/jobs/{scene.job['id']}")
    promise = {"version": job["version"], "promise_days": 3}
    await scene.after(lambda: ben.make("PATCH", f"/jobs/{scene.job['id']}", promise))
    await scene.cleo.write_everything()
    await scene.after(lambda: scene.cleo.make("POST", "/submission", {}))
    await scene.after(lambda: move(scene, interview["id"]))
    late = "UPDATE application SET promise_due = now() - interval '1 day' WHERE id = $1"
    await db.execute(late, UUID(scene.cleo.application))
    await scene.after(tell_overdue)
    await scene.after(lambda: move(scene, review["id"]))
    await scene.after(lambda: move(scene, interview["id"]))
    await scene.after(lambda: ben.make("POST", f"{path_of(scene)}/messages", {"body": "We are late, sorry."}))


@scenario(
    f"POST {API}/jobs/{{job}}/messages", f"POST {API}/jobs/{{job}}/tags", f"POST {API}/jobs/{{job}}/assignments",
    f"POST {API}/jobs/{{job}}/reversals", "event messages_written", "event candidates_tagged",
    "event assigned_together", "payload cards", "task mail_news_together", "task mail_one_of_many",
    "task notify_assigned_together",
)  # fmt: skip
async def doing_things_to_many(scene: Scene) -> None:
    await scene.furnish()
    other = await scene.cast.cleo(scene.job, "Somebody Else")
    await crowd.fill(scene.job["id"], [scene.job["stages"][0]["id"]], FIRST + 2)  # more than a page loads
    ben, path = scene.cast.ben, f"/jobs/{scene.job['id']}"
    far = await db.value("SELECT id FROM application WHERE job_id = $1 ORDER BY rank DESC", UUID(scene.job["id"]))
    cards = [scene.cleo.application, other.application, str(far)]

    async def many(what: str, **body: Json) -> None:
        await ben.make("POST", f"{path}/{what}", {"cards": cards, **body})

    async def back() -> None:
        newest = (await ben.read(f"{path}/activity"))["entries"][0]
        await ben.make("POST", f"{path}/reversals", {"event": newest["id"]})

    await scene.cleo.make("POST", "/messages", {"body": "Are you there?"})
    await scene.after(lambda: many("messages", text="Hello {first_name}"))
    await scene.after(lambda: many("tags", tag="Senior", put=True))
    await scene.after(back)
    await scene.after(lambda: many("assignments", member=str(scene.ada.id), part="owner"))
    await scene.after(back)
    moves = [{"card": card, "stage": scene.job["stages"][2]["id"], "version": 10_000} for card in cards]
    await scene.after(lambda: ben.make("POST", f"{path}/moves", {"cards": moves}))
    await scene.after(back)


@scenario(f"POST {API}/jobs/{{job}}/moves", "event applications_moved", "payload cards", "task notify_moved_together")
async def moving_many(scene: Scene) -> None:
    await scene.furnish()
    stages = [stage["id"] for stage in scene.job["stages"]]
    others = await crowd.fill(scene.job["id"], stages[:2], 3 * FIRST)
    chosen = [scene.cleo.application, others[0], others[1], others[-1], others[-2]]

    async def put(*places: tuple[str, int, str | None]) -> None:
        cards = [{"card": c, "stage": stages[s], "before": before, "version": 10_000} for c, s, before in places]
        await scene.cast.ben.make("POST", f"/jobs/{scene.job['id']}/moves", {"cards": cards})

    await scene.after(lambda: put(*((card, 4, None) for card in chosen)))
    await scene.after(lambda: put(*((card, 1, others[3]) for card in chosen[:3])))
    await scene.after(lambda: put((chosen[0], 1, None), (chosen[3], 0, None), (chosen[4], 0, chosen[3])))
    await scene.after(lambda: put(*((card, 5, None) for card in others[:20])))


@scenario(
    f"POST {API}/jobs/{{job}}/views", f"PATCH {API}/views/{{view}}", f"DELETE {API}/views/{{view}}",
    "event view_saved", "event view_dropped", "payload views",
)  # fmt: skip
async def keeping_views(scene: Scene) -> None:
    await scene.furnish()
    body = {"name": "Late", "layout": "list", "query": "sort=-waiting"}
    made: list[Json] = []

    async def save(**more: Json) -> None:
        made.append(await scene.ada.make("POST", f"/jobs/{scene.job['id']}/views", body | more))

    async def change(**more: Json) -> None:
        made[0] = await scene.ada.make("PATCH", f"/views/{made[0]['id']}", {"version": made[0]["version"], **more})

    await scene.after(save)
    await scene.after(lambda: save(shared=True, everywhere=True))
    await scene.after(lambda: change(name="Later"))
    await scene.after(lambda: change(shared=True))
    await scene.after(lambda: change(shared=False))
    for number in (0, 1):
        await scene.after(lambda number=number: scene.ada.make("DELETE", f"/views/{made[number]['id']}"))  # type: ignore[misc]


PERSON = f"{API}/candidates/{{candidate}}"


@scenario(
    f"PATCH {PERSON}", f"PUT {PERSON}/tags", f"PUT {PERSON}/fields/{{field}}", f"POST {PERSON}/files",
    f"DELETE {PERSON}/files/{{file}}", f"POST {API}/fields", f"DELETE {API}/fields/{{field}}", "event profile_edited",
    "event candidate_tagged", "event field_filled", "event field_made", "event field_dropped", "event file_added",
    "event file_removed", "task read_file", "task forget_file", "payload profile",
)  # fmt: skip
async def keeping_a_profile(scene: Scene) -> None:
    await scene.furnish()
    ben, person = scene.cast.ben, f"/candidates/{scene.candidate}"
    edit = {"version": 1, "name": "Cleopatra", "phone": "+49 30 1", "links": ["github.com/cleo"]}
    await scene.after(lambda: ben.make("PATCH", person, edit))
    await scene.after(lambda: ben.make("PUT", f"{person}/tags", {"tags": ["Rich text", "CRDT"]}))
    await scene.after(lambda: ben.make("PUT", f"{person}/tags", {"tags": ["CRDT"]}))
    field = (await ben.make("POST", "/fields", {"name": "Notice", "kind": "text"}))["id"]
    await scene.after(lambda: ben.make("PUT", f"{person}/fields/{field}", {"value": "6 weeks"}))
    await scene.after(lambda: ben.make("POST", "/fields", {"name": "Start", "kind": "date"}))
    await scene.after(lambda: ben.make("DELETE", f"/fields/{field}"))
    await scene.after(lambda: ben.make("POST", f"{person}/files?name=cv.txt", content=b"I am Cleo."))
    (file,) = (await ben.read(person))["files"]
    await scene.after(lambda: ben.make("DELETE", f"{person}/files/{file['id']}"))


@scenario(
    f"PATCH {API}/tags/{{tag}}", f"DELETE {API}/tags/{{tag}}", "event tag_changed", "event tag_dropped",
)  # fmt: skip
async def keeping_the_vocabulary(scene: Scene) -> None:
    await scene.furnish()
    ben = scene.cast.ben
    await ben.make("PUT", f"/candidates/{scene.candidate}/tags", {"tags": ["Rich text", "CRDT"]})
    (crdt, rich) = await ben.read("/tags")
    await scene.after(lambda: ben.make("PATCH", f"/tags/{crdt['id']}", {"name": "Replication", "colour": 3}))
    await scene.after(lambda: ben.make("DELETE", f"/tags/{rich['id']}"))


@scenario(
    f"POST {OWN}/files", f"DELETE {OWN}/files/{{file}}", f"POST {PERSON}/applications", "event application_added",
    f"PUT {API}/applications/{{application}}/source", "event source_set", "task mail_link_of_added",
)  # fmt: skip
async def bringing_and_adding(scene: Scene) -> None:
    await scene.furnish()
    ben, cleo = scene.cast.ben, scene.cleo
    await scene.after(lambda: cleo.make("POST", "/files?name=cv.txt", content=b"I am Cleo."))
    (file,) = (await cleo.read("/files"))["files"]
    await scene.after(lambda: cleo.make("DELETE", f"/files/{file['id']}"))
    await scene.after(lambda: ben.make("PUT", f"{path_of(scene)}/source", {"source": "Meetup"}))
    known = await scene.cast.cleo(await scene.cast.job(title="Another"), "Known")
    person = (await ben.read(f"/applications/{known.application}"))["card"]["candidate"]
    body = {"job": scene.job["id"], "mail": True}
    await scene.after(lambda: ben.make("POST", f"/candidates/{person}/applications", body))


@scenario(
    f"PUT {API}/applications/{{application}}/following", "event following_set", "payload following", "task notify_note",
)  # fmt: skip
async def following(scene: Scene) -> None:
    await scene.furnish()
    path, ada = f"{path_of(scene)}/following", scene.ada
    for wanted in (True, False):
        await scene.after(lambda wanted=wanted: ada.make("PUT", path, {"following": wanted}))  # type: ignore[misc]
    await scene.after(lambda: scene.cast.ben.make("POST", f"{path_of(scene)}/notes", {"body": f"Look, <@{ada.id}>"}))
    await db.execute("DELETE FROM following")
    mention = {"body": f"<@{scene.cast.rae.id}> and <@{ada.id}>"}
    await scene.after(lambda: scene.cast.ben.make("POST", f"{path_of(scene)}/notes", mention))


@scenario(
    f"POST {API}/applications/{{application}}/assignments", "event assigned", "payload desk", "task unassign_removed",
    "task notify_assigned",
)  # fmt: skip
async def assigning(scene: Scene) -> None:
    await scene.furnish()
    ben, rae, path = scene.cast.ben, scene.cast.rae, f"{path_of(scene)}/assignments"
    for member, part in [(ben, "owner"), (rae, "reviewer"), (rae, "owner"), (ben, "reviewer"), (rae, "")]:
        body = {"member": str(member.id), "part": part}
        await scene.after(lambda body=body: scene.ada.make("POST", path, body))  # type: ignore[misc]
    await scene.after(lambda: scene.ada.make("DELETE", f"/members/{ben.id}"))


@scenario(
    f"POST {PERSON}/merges", f"DELETE {PERSON}/merges/{{merge}}", f"POST {PERSON}/distinctions",
    "event candidates_merged", "event merge_undone", "event candidates_set_apart",
)  # fmt: skip
async def merging(scene: Scene) -> None:
    await scene.furnish()
    ben, person = scene.cast.ben, f"/candidates/{scene.candidate}"
    twin = await scene.cast.cleo(scene.job, "Cleo")
    scene.more.append(twin.application)
    other = (await ben.read(f"/applications/{twin.application}"))["card"]["candidate"]
    for one in (scene.candidate, other):
        await ben.make("PATCH", f"/candidates/{one}", {"version": 1, "phone": "+49 30 555 0142"})
    await ben.make("PUT", f"/candidates/{other}/tags", {"tags": ["Meetup"]})
    body = {"other": other, "version": 2, "other_version": 2}
    await scene.after(lambda: ben.make("POST", f"{person}/merges", body))
    (part,) = (await ben.read(person))["merged"]
    await scene.after(lambda: ben.make("DELETE", f"{person}/merges/{part['merge']}"))
    await scene.after(lambda: ben.make("POST", f"{person}/distinctions", {"other": other}))


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


@scenario(f"POST {API}/sessions/{{session}}/ending", "event session_ended", "payload session_closed")
async def ending_sessions(scene: Scene) -> None:
    await scene.furnish()
    session = await db.value("SELECT id FROM sign_in WHERE account_id = $1", scene.cast.ben.account)
    await scene.after(lambda: scene.ada.make("POST", f"/sessions/{session}/ending", {}))
