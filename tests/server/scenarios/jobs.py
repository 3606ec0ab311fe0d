"""Jobs, their flow and their import."""

import json
from uuid import UUID, uuid4

from server.core import db
from server.hiring.applications.promising import tell_overdue
from server.hiring.transfers import working
from tests.cast import Json
from tests.server import takes
from tests.server.convergence import Scene, scenario
from tests.server.scenarios.paths import API, move, path_of


@scenario(
    f"POST {API}/jobs", f"PATCH {API}/jobs/{{job}}", f"PUT {API}/jobs/{{job}}/questions",
    f"PUT {API}/jobs/{{job}}/criteria",
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
    criteria = [{"name": "Taste"}, *scene.job["criteria"][1:]]
    await scene.after(lambda: edit("PUT", "/criteria", version=scene.job["version"], criteria=criteria))
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
    await scene.after(bring)
    imported = view["row"]["id"]
    for state, done, give_up, payload in (
        ("reading", 0, working.read_given_up, [imported, view["row"]["version"]]),
        ("running", 0, working.run_given_up, imported),
        ("running", 1, working.run_given_up, imported),
    ):
        await db.execute("UPDATE candidate_import SET state = $2, done = $3 WHERE id = $1", UUID(imported), state, done)
        await scene.after(lambda act=give_up, told=payload: act(json.dumps(told).encode()))  # type: ignore[misc]


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
