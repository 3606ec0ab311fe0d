"""Pages: shells rendered by Jinja2 with the first data inlined, so that the first picture needs no second request.

Each handler reads what its page shows and names a template; everything live comes by websocket from the position that
travels with the data.
"""

from typing import Any
from uuid import UUID

from litestar import Request, Response, get, route
from litestar.response import Redirect, Template

from server.core import db, http, live, runtime
from server.core.access import Applicant, Asking
from server.core.errors import LinkExpired
from server.core.replies import json
from server.hiring.applications import queries as applications
from server.hiring.applications.actions import open_answers
from server.hiring.applications.filters import wanted_by
from server.hiring.applications.rules import CONSENT_VERSION
from server.hiring.conversations import templates as words
from server.hiring.flow import queries as flow
from server.hiring.home import everybody
from server.hiring.home import queries as desk
from server.hiring.interviews import playback
from server.hiring.interviews import queries as interviews
from server.hiring.jobs import queries as jobs
from server.hiring.listing import queries as listing
from server.hiring.monitoring import actions as watching
from server.hiring.monitoring import queries as monitoring
from server.hiring.notifications import queries as notifications
from server.hiring.profiles import own_files
from server.hiring.profiles import queries as profiles
from server.hiring.transfers import queries as transfers
from server.hiring.views.people import Me
from server.hiring.workspaces.routes import people_of

Req = Request[Any, Any, Any]


def me_of(asking: Asking, unread: int) -> Me:
    """The signed-in member as their pages show them."""
    return Me(
        id=asking.id,
        name=asking.name,
        email=asking.email,
        colour=asking.colour,
        role=asking.role,  # type: ignore[arg-type]  # one of the four: the table checks it
        workspace=asking.workspace,
        workspace_name=asking.workspace_name,
        slug=asking.slug,
        unread=unread,
    )


async def team_page(asking: Asking, template: str, title: str, data: object, **more: object) -> Template:
    """A member's page: its data, and what the frame around it shows."""
    bell = await notifications.bell(asking.id)
    return Template(
        f"team/{template}.html",
        context={
            "title": title,
            "data": http.script_json(data),
            "me": me_of(asking, bell.unread),
            "bell": http.script_json(bell),
            "open_jobs": await jobs.open_jobs(asking.workspace),
            "workspace_name": asking.workspace_name,
            "public_url": runtime.here().settings.origin,
            "section": "jobs",
            **more,
        },
    )


@get("/", opt={"right": "read"})
async def first_page(asking: Asking) -> Redirect:
    """The workspace's first page."""
    return Redirect(f"/w/{asking.slug}/home")


@get("/home", opt={"right": "read"})
async def home(asking: Asking, show: desk.Show = "", skip: desk.Skip = 0) -> Template:
    """What needs me now, across jobs."""
    return await team_page(asking, "home", "Home", await desk.home(asking, show, skip), section="home")


@get("/candidates", opt={"right": "read"})
async def candidate_list(request: Req, asking: Asking) -> Template:
    """All candidates of the workspace."""
    view = await everybody.page(asking.workspace, everybody.wanted_by(request))
    return await team_page(asking, "candidates", "Candidates", view, section="candidates")


@get("/api/me", opt={"right": "read"})
async def me(asking: Asking) -> Response[bytes]:
    """Who I am here."""
    return json(me_of(asking, await notifications.unread(asking.id)))


@get("/jobs", opt={"right": "read"})
async def job_list(asking: Asking) -> Template:
    """All jobs."""
    return await team_page(asking, "jobs", "Jobs", await jobs.lines(asking.workspace))


@get("/jobs/{job:uuid}", opt={"right": "read"})
async def board(request: Req, asking: Asking, job: UUID) -> Template:
    """The board of a job, narrowed to what the address says."""
    async with db.snapshot():  # one for all: a connection is taken and given back once
        await live.positions(live.job(job), live.member(asking.id))
        view = await applications.board(asking.workspace, job, wanted_by(request))
        views = http.script_json(await listing.views(asking, job))
        return await team_page(asking, "board", view.job.title, view, current_job=job, board=view, views=views)


@get("/jobs/{job:uuid}/list", opt={"right": "read"})
async def job_as_list(request: Req, asking: Asking, job: UUID) -> Template:
    """The same candidates as a list, of whom the address asks for."""
    view = await listing.view(asking, job, request.query_params.dict())
    return await team_page(asking, "list", view.job.title, view, current_job=job)


@get("/jobs/{job:uuid}/edit", opt={"right": "edit_jobs"})
async def job_edit(asking: Asking, job: UUID) -> Template:
    """The editor of a job."""
    view = await jobs.view(asking.workspace, job)
    designed = http.script_json(await flow.view(asking.workspace, job))
    return await team_page(asking, "job_edit", view.title, view, current_job=job, job=view, flow=designed)


@get("/jobs/{job:uuid}/import", opt={"right": "read"})
async def job_import(asking: Asking, job: UUID) -> Template:
    """Candidates from a file."""
    row = await jobs.row_of(asking.workspace, job)
    view = await transfers.page(asking, job)
    return await team_page(
        asking, "job_import", f"Import: {row.title}", view, current_job=job, row=http.script_json(row)
    )


@get("/applications/{application:uuid}", opt={"right": "read"})
async def application(asking: Asking, application: UUID) -> Template:
    """The team's page of an application."""
    view = await interviews.application_view(asking, application)
    await open_answers(asking, application)
    return await team_page(asking, "application", view.name, view, current_job=view.job.id, application=view)


@get("/candidates/{candidate:uuid}", opt={"right": "read"})
async def profile(asking: Asking, candidate: UUID, application: UUID | None = None) -> Template:
    """A person across all jobs, reached by an application. The address of a merged one shows what it is a part of."""
    view = await profiles.profile(asking, await profiles.root(asking.workspace, candidate), application)
    return await team_page(asking, "profile", view.name, view, section="profile")


@get("/people", opt={"right": "read"})
async def people(asking: Asking) -> Template:
    """Members and invitations."""
    watched = http.script_json(await monitoring.last_watch(asking.workspace))
    return await team_page(asking, "people", "People", await people_of(asking), section="people", watched=watched)


@get("/templates", opt={"right": "write_messages"})
async def message_templates(asking: Asking) -> Template:
    """The words that this workspace keeps to write from."""
    view = await words.view(asking.workspace)
    return await team_page(asking, "templates", "Message templates", view, section="templates")


@get("/monitor", opt={"right": "monitor"})
async def monitor(asking: Asking) -> Template:
    """The live monitor. Opening it is written down."""
    view = await monitoring.overview(asking, await watching.watch(asking))
    return await team_page(asking, "monitor", "Live monitor", view, section="monitor")


@get("/monitoring", opt={"right": "read"})
async def monitor_explained(asking: Asking) -> Template:
    """What the live monitor shows, and who watched when: for every member to read."""
    visits = await monitoring.visits(asking.workspace)
    return await team_page(asking, "monitoring", "What admins see", None, section="people", visits=visits)


@get("/inbox", opt={"right": "read"})
async def inbox(asking: Asking) -> Template:
    """My notices, on a page of their own."""
    return await team_page(asking, "inbox", "Notifications", await notifications.inbox(asking.id), section="inbox")


MEMBERS = [
    first_page,
    home,
    candidate_list,
    me,
    job_list,
    board,
    job_as_list,
    job_edit,
    job_import,
    application,
    profile,
    people,
    message_templates,
    inbox,
    monitor,
    monitor_explained,
]


# Strangers and candidates


def guest_page(template: str, title: str, data: object, **more: object) -> Template:
    """A page for somebody without an account."""
    return Template(
        f"candidate/{template}.html",
        context={"title": title, "data": http.script_json(data), "public_url": runtime.here().settings.origin, **more},
    )


@get("/sign-in")
async def sign_in(then: str = "") -> Template:
    """The sign-in page, which leads on to the page `then`; with a demo running it offers the demo's sign-in."""
    demo = None
    if runtime.here().settings.demo:
        from server.demo import ready_sign_in  # noqa: PLC0415 - stands above every capability

        demo = await ready_sign_in()
    context = {"title": "Sign in", "data": http.script_json({}), "demo": demo, "then": then}
    return Template("people/sign_in.html", context=context)


@get("/c/jobs/{token:str}")
async def public_job(token: str, source: str = "") -> Template:
    """The public page of a job; `source` says where its link was found."""
    job = await jobs.public(token)
    title = f"{job.title} at {job.workspace_name}"
    return guest_page("job", title, job, job=job, workspace_name=job.workspace_name, source=source)


@get("/c/jobs/{token:str}/apply")
async def apply_page(token: str, source: str = "") -> Template:
    """The form; `source` as above."""
    job = await jobs.public(token)
    title = f"Apply: {job.title}"
    return guest_page("apply", title, job, job=job, workspace_name=job.workspace_name, source=source)


@get("/c/jobs/{token:str}/check-mail")
async def check_mail(token: str) -> Template:
    """You have applied already: the link is in the mail."""
    job = await jobs.public(token)
    return guest_page("check_mail", "Check your mail", job, job=job, workspace_name=job.workspace_name)


@get("/c/jobs/{token:str}/lost-link")
async def lost_link_of_job(token: str) -> Template:
    """Have the link to an application for this job mailed again."""
    job = await jobs.public(token)
    return guest_page("lost_link", "Get your link again", job, job=job, workspace_name=job.workspace_name)


@route("/c/jobs/{token:str}/video", http_method=playback.READ)
async def job_video(request: Req, token: str) -> Response[Any]:
    """The job video."""
    return await playback.for_anybody(request, token, "video")


@route("/c/jobs/{token:str}/mp4", http_method=playback.READ)
async def job_video_copy(request: Req, token: str) -> Response[Any]:
    """The same for browsers that cannot play what was recorded."""
    return await playback.for_anybody(request, token, "mp4")


@get("/c/link/{token:str}")
async def link_page(token: str) -> Template:
    """A personal link. Opening it uses nothing up: its script, or a press of its button, exchanges the token."""
    if len(token) > 100:
        raise LinkExpired
    return guest_page("link", "Your place", {"token": token})


@get("/c/lost-link")
async def lost_link() -> Template:
    """Have the link mailed again, whatever the job."""
    return guest_page("lost_link", "Get your link again", None, job=None)


@get("/c/ended")
async def ended() -> Template:
    """The team ended a candidate's session."""
    return guest_page("ended", "Session ended", None, job=None)


PUBLIC = [
    sign_in,
    public_job,
    apply_page,
    check_mail,
    lost_link_of_job,
    job_video,
    job_video_copy,
    link_page,
    lost_link,
    ended,
]


async def own_page(applicant: Applicant, template: str, title: str, **more: object) -> Template:
    """A page of the candidate's own place."""
    view = await interviews.place_of(applicant)
    return guest_page(
        template,
        f"{title}: {view.job.title}",
        view,
        place=view,
        job=view.job,
        workspace_name=view.job.workspace_name,
        live_url=f"/c/a/{applicant.application}/live",
        **more,
    )


@get("/", opt={"before_consent": True})
async def own_place(applicant: Applicant) -> Template:
    """The conversation, the answers, their own files, what happens next."""
    files = http.script_json(await own_files.own(applicant))
    return await own_page(applicant, "home", "Your place", files=files)


@get("/consent", opt={"before_consent": True})
async def consent(applicant: Applicant) -> Template:
    """The words that whoever was added by the team is asked to agree to."""
    return await own_page(applicant, "consent", "Before you begin", version=CONSENT_VERSION)


@get("/check")
async def check(applicant: Applicant) -> Template:
    """The device check."""
    return await own_page(applicant, "check", "Camera and sound")


@get("/record")
async def record(applicant: Applicant) -> Template:
    """The recorder."""
    return await own_page(applicant, "record", "Your answers")


CANDIDATES = [own_place, consent, check, record]
