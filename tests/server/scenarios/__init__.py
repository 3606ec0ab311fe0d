"""The scenarios of convergence: every action of the application, done once with every kind of page open.

What is new is missed by `test_convergence.py` until it is named here: an action with the scenario that does it, or in
`NOTHING_TO_SEE` with the reason why no page could differ; a page with its kind.
"""

from tests.server.scenarios import board, candidates, jobs, meetings, profiles, team
from tests.server.scenarios.kinds import KINDS
from tests.server.scenarios.paths import API, OWN, UPLOADS

__all__ = ["KINDS", "NOTHING_TO_SEE", "board", "candidates", "jobs", "meetings", "profiles", "team"]

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
