"""The live monitor's command: the page asks every two seconds over its websocket, and only while it is subscribed."""

from uuid import UUID

import msgspec

from realtime.connection import Call, CommandError
from realtime.hub import Hub
from server.core import live
from server.hiring.monitoring import actions, queries

ENCODER = msgspec.json.Encoder()
MONITOR = "monitor"


async def look(call: Call) -> bytes:
    """`MonitorView` for whoever follows `monitor:`. A subscription may outlive a right by seconds, a look may not."""
    asking = await queries.watcher(UUID(call.who.id), UUID(call.who.session)) if call.who.kind == "member" else None
    if asking is None or call.topic != live.monitor(asking.workspace):
        raise CommandError("forbidden", "This is not available to you.")
    return ENCODER.encode(await queries.overview(asking, await actions.watch(asking)))


def register(hub: Hub) -> None:
    """Let the hub answer it."""
    hub.command(MONITOR, look)
