"""Moving people, one or many."""

from uuid import UUID

from server.core import db
from server.hiring.applications.queries import FIRST
from tests.cast import Colleague, Json
from tests.server import crowd
from tests.server.convergence import Scene, scenario
from tests.server.scenarios.paths import API, move, path_of


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


@scenario(f"POST {API}/jobs/{{job}}/declines", "task mail_news_of_moves")
async def declining_many(scene: Scene) -> None:
    await scene.furnish()
    stages = [stage["id"] for stage in scene.job["stages"]]
    other = await scene.cast.cleo(scene.job, "Somebody Else")
    others = await crowd.fill(scene.job["id"], stages[:2], 2 * FIRST)  # more than a page loads
    await scene.cleo.make("POST", "/messages", {"body": "Are you there?"})

    async def decline(*cards: str) -> None:
        chosen = [{"card": card, "stage": stages[-1], "version": 10_000} for card in cards]
        body = {"text": "Hello {first_name}, not this time.", "cards": chosen}
        await scene.cast.ben.make("POST", f"/jobs/{scene.job['id']}/declines", body)

    await scene.after(lambda: decline(scene.cleo.application, other.application, others[0], others[-1]))
    await scene.after(lambda: decline(scene.cleo.application, others[1]))


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
    f"PUT {API}/applications/{{application}}/scorecard",
    f"POST {API}/applications/{{application}}/scorecard/submission",
    f"POST {API}/applications/{{application}}/scorecard/reopening", "event scorecard_submitted",
    "event scorecard_reopened", "payload scorecards", "task notify_scored",
)  # fmt: skip
async def scoring(scene: Scene) -> None:
    await scene.furnish()
    path = f"{path_of(scene)}/scorecard"
    version = {scene.ada.id: 0, scene.cast.ben.id: 0}

    async def change(who: Colleague, method: str, rest: str = "", **body: Json) -> None:
        seen = await who.make(method, f"{path}{rest}", {"version": version[who.id], **body})
        version[who.id] = seen["mine"]["version"]

    (first, second, *_) = (await scene.ada.read(path))["criteria"]
    ben = scene.cast.ben
    await scene.after(lambda: change(scene.ada, "PUT", ratings={first["id"]: 4}, hire="no"))
    await scene.after(lambda: change(ben, "PUT", ratings={second["id"]: 2}, hire="yes", why="Calm"))
    await scene.after(lambda: change(ben, "POST", "/submission"))
    assigned = {"member": str(scene.ada.id), "part": "reviewer"}
    await scene.after(lambda: ben.make("POST", f"{path_of(scene)}/assignments", assigned))  # hides it from Ada
    await scene.after(lambda: change(scene.ada, "POST", "/submission"))
    await scene.after(lambda: change(scene.ada, "POST", "/reopening"))
    await scene.after(lambda: change(ben, "POST", "/reopening"))


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
