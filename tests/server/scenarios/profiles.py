"""Profiles, the words of a workspace, and merging."""

import json
from uuid import UUID

from server.core import db
from server.hiring.applications.rules import CONSENT_VERSION
from server.hiring.profiles import files
from tests.server.convergence import Scene, scenario
from tests.server.scenarios.paths import API, OWN, PERSON, path_of


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
    await db.execute("UPDATE candidate_file SET state = 'new' WHERE id = $1", UUID(file["id"]))
    await scene.after(lambda: files.read_given_up(json.dumps(file["id"]).encode()))
    await scene.after(lambda: ben.make("DELETE", f"{person}/files/{file['id']}"))


@scenario(
    f"PATCH {API}/tags/{{tag}}", f"DELETE {API}/tags/{{tag}}", "event tag_changed", "event tag_dropped",
    f"POST {API}/tags/{{tag}}/merges", "event tags_merged",
)  # fmt: skip
async def keeping_the_vocabulary(scene: Scene) -> None:
    await scene.furnish()
    ben = scene.cast.ben
    await ben.make("PUT", f"/candidates/{scene.candidate}/tags", {"tags": ["Rich text", "CRDT", "Twin"]})
    (crdt, rich, twin) = await ben.read("/tags")
    await scene.after(lambda: ben.make("POST", f"/tags/{twin['id']}/merges", {"into": crdt["id"]}))
    await scene.after(lambda: ben.make("PATCH", f"/tags/{crdt['id']}", {"name": "Replication", "colour": 3}))
    await scene.after(lambda: ben.make("DELETE", f"/tags/{rich['id']}"))


@scenario(
    f"POST {API}/message-templates", f"PATCH {API}/message-templates/{{message_template}}",
    f"DELETE {API}/message-templates/{{message_template}}", "event message_template_saved",
    "event message_template_dropped", "payload templates",
)  # fmt: skip
async def keeping_words_to_write_from(scene: Scene) -> None:
    await scene.furnish()
    ben, made = scene.cast.ben, "/message-templates"
    await scene.after(lambda: ben.make("POST", made, {"name": "Not now", "text": "Hello {first_name}"}))
    (kept,) = (await ben.read(made))["templates"]
    changed = {"version": 1, "name": "Later", "text": "Hello {name}"}
    await scene.after(lambda: ben.make("PATCH", f"{made}/{kept['id']}", changed))
    await scene.after(lambda: ben.make("DELETE", f"{made}/{kept['id']}"))


@scenario(
    f"POST {OWN}/files", f"DELETE {OWN}/files/{{file}}", f"POST {PERSON}/applications", "event application_added",
    f"PUT {API}/applications/{{application}}/source", "event source_set", "task mail_link_of_added",
    "task notify_brought",
    f"POST {OWN}/consent", "event consent_given",
)  # fmt: skip
async def bringing_and_adding(scene: Scene) -> None:
    await scene.furnish()
    ben, cleo = scene.cast.ben, scene.cleo
    await ben.make("POST", f"{path_of(scene)}/assignments", {"member": str(scene.ada.id), "part": "owner"})
    await scene.after(lambda: cleo.make("POST", "/files?name=cv.txt", content=b"I am Cleo."))
    (file,) = (await cleo.read("/files"))["files"]
    await scene.after(lambda: cleo.make("DELETE", f"/files/{file['id']}"))
    await scene.after(lambda: ben.make("PUT", f"{path_of(scene)}/source", {"source": "Meetup"}))
    known = await scene.cast.cleo(await scene.cast.job(title="Another"), "Known")
    person = (await ben.read(f"/applications/{known.application}"))["card"]["candidate"]
    body = {"job": scene.job["id"], "mail": True}
    await scene.after(lambda: ben.make("POST", f"/candidates/{person}/applications", body))
    await db.execute("UPDATE application SET consent_at = NULL WHERE id = $1", UUID(cleo.application))
    await scene.after(lambda: cleo.make("POST", "/consent", {"version": CONSENT_VERSION}))


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
