"""The composition root of the web process: settings in, application out. The only module that sees everything."""

import asyncio
import contextlib
import gc
import logging
from collections.abc import AsyncIterator
from functools import partial

import uvicorn
from litestar import Litestar, Router, get
from litestar.config.compression import CompressionConfig
from litestar.contrib.jinja import JinjaTemplateEngine
from litestar.di import Provide
from litestar.template.config import TemplateConfig
from redis.asyncio import Redis

from media.storage import Storage
from realtime.bus import Bus
from realtime.census import Census
from realtime.ending import end
from realtime.hub import Hub
from realtime.packet import uvicorn_protocol
from realtime.presence import Presence
from server import assets, gate, reactions
from server.core import db, http, live, runtime, tasks, throttle
from server.core.access import guard_of_members
from server.core.errors import reply_to_error
from server.core.mail import sender_for
from server.core.settings import Settings
from server.hiring import pages
from server.hiring.activity import routes as activity
from server.hiring.applications import entering
from server.hiring.applications import routes as applications
from server.hiring.conversations import routes as conversations
from server.hiring.flow import routes as flow
from server.hiring.home import routes as home
from server.hiring.interviews import caption_routes, uploading
from server.hiring.interviews import routes as interviews
from server.hiring.jobs import routes as jobs
from server.hiring.listing import routes as listing
from server.hiring.meetings import routes as meetings
from server.hiring.monitoring import commands as monitor_commands
from server.hiring.monitoring import routes as monitoring
from server.hiring.notifications import routes as notifications
from server.hiring.profiles import routes as profiles
from server.hiring.scorecards import routes as scorecards
from server.hiring.transfers import routes as transfers
from server.hiring.views import doing
from server.hiring.workspaces import routes as workspaces

log = logging.getLogger("greenroom.web")


def parts(settings: Settings) -> runtime.Runtime:
    """What every process has at hand; nothing is connected yet."""
    reactions.register()
    here = runtime.Runtime(
        settings=settings,
        sender=sender_for(settings),
        storage=Storage.open(settings.storage_url, settings.data),
        redis=Redis.from_url(settings.redis_url, socket_timeout=2, socket_connect_timeout=2),
    )
    runtime.start(here)
    return here


@get("/health", include_in_schema=False)
async def health() -> dict[str, bool]:
    """For load balancers: the process answers and reaches the database."""
    return {"database": await db.value("SELECT true")}


def create_app(settings: Settings) -> Litestar:
    """The web application."""
    here = parts(settings)
    built = assets.Assets()

    @contextlib.asynccontextmanager
    async def lifespan(app: Litestar) -> AsyncIterator[None]:
        async with db.open_pool():
            throttle.use(here.redis)
            bus = Bus(settings.redis_url)
            hub = Hub(db.pool(), bus, Presence(here.redis), gate.grant, gate.grants)
            hub.states(doing.fits)
            hub.gestures.fits = doing.gesture_fits
            monitor_commands.register(hub)
            await hub.start()
            counting = asyncio.create_task(Census(f"web-{hub.rooms.process[:4]}", hub, here.redis, db.pool()).run())
            live.publish_with(hub.publish)
            app.state.hub = hub
            app.state.end_session = partial(_call, hub.end_session)
            app.state.rights_changed = partial(_call, hub.revoke)
            warming = asyncio.create_task(asyncio.to_thread(tasks.prepare))
            gc.collect()
            gc.freeze()  # a full collection of what never goes away costs tens of milliseconds
            gc.set_threshold(50_000, 20, 100)
            try:
                yield
            finally:
                await warming
                await end([counting])
                live.publish_with(None)
                await hub.stop()
                await here.redis.aclose()

    def engine_ready(engine: JinjaTemplateEngine) -> None:
        engine.engine.globals["asset"] = built.url
        engine.engine.trim_blocks = engine.engine.lstrip_blocks = True

    app = Litestar(
        route_handlers=[
            health,
            workspaces.PUBLIC,
            entering.PUBLIC,
            *pages.PUBLIC,
            *caption_routes.PUBLIC,
            members(),
            candidates(),
            gate.member_socket,
            gate.candidate_socket,
            assets.router(),
        ],
        lifespan=[lifespan],
        request_class=http.JsonRequest,
        exception_handlers={Exception: reply_to_error},
        template_config=TemplateConfig(
            directory=assets.WEB / "templates", engine=JinjaTemplateEngine, engine_callback=engine_ready
        ),
        compression_config=CompressionConfig(
            backend="gzip", minimum_size=1024, gzip_compress_level=3, exclude=["/recordings/", "/video$", "/mp4$"]
        ),
        request_max_body_size=1024 * 1024,
        openapi_config=None,
        logging_config=None,
        debug=False,
    )
    # around everything, not as Litestar's middleware: that sees no reply to an unknown path
    app.asgi_handler = http.protect(settings)(app.asgi_handler)
    return app


async def _call(function, argument: str) -> None:  # type: ignore[no-untyped-def]  # noqa: ANN001 - hub methods
    function(argument)


def members() -> Router:
    """Everything below `/w/{slug}`: a member's cookie, and a right per route."""
    return Router(
        path="/w/{slug:str}",
        route_handlers=[
            *pages.MEMBERS,
            *workspaces.MEMBERS,
            *jobs.MEMBERS,
            *flow.MEMBERS,
            *applications.MEMBERS,
            *conversations.MEMBERS,
            *interviews.MEMBERS,
            *transfers.MEMBERS,
            *caption_routes.MEMBERS,
            *profiles.MEMBERS,
            *meetings.MEMBERS,
            *scorecards.MEMBERS,
            *activity.MEMBERS,
            *listing.MEMBERS,
            *home.MEMBERS,
            *notifications.MEMBERS,
            *monitoring.MEMBERS,
        ],
        middleware=[gate.identify_member],
        guards=[guard_of_members],
        dependencies={"asking": Provide(gate.provide_asking, sync_to_thread=False)},
    )


def candidates() -> Router:
    """Everything below `/c/a/{application}`: a candidate's own cookie."""
    return Router(
        path="/c/a/{application:uuid}",
        route_handlers=[
            *pages.CANDIDATES,
            *applications.CANDIDATES,
            *conversations.CANDIDATES,
            *interviews.CANDIDATES,
            *caption_routes.CANDIDATES,
            *uploading.CANDIDATES,
            *profiles.CANDIDATES,
            *meetings.CANDIDATES,
        ],
        middleware=[gate.identify_candidate],
        dependencies={"applicant": Provide(gate.provide_applicant, sync_to_thread=False)},
    )


async def run_web(settings: Settings) -> None:
    """Serve until told to stop."""
    await uvicorn.Server(serving(create_app(settings), settings)).serve()


def serving(app: Litestar, settings: Settings) -> uvicorn.Config:
    """How the application is served. There is no access log: addresses hold tokens."""
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        ws=uvicorn_protocol(),  # one encoded frame for all sockets: half the processor time per delivery
        ws_per_message_deflate=False,
        ws_max_size=64 * 1024,
        log_config=None,
        access_log=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies or None,
        timeout_graceful_shutdown=2,
        timeout_keep_alive=75,  # longer than whoever reuses a connection: it must not close as a request is on its way
        server_header=False,
    )
