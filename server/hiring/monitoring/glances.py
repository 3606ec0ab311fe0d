"""How recordings run just now, asked from the recorders that have them.

All are asked at once and for half a second at most: a recorder that hangs costs the page its figures, never its time.
"""

import asyncio
from collections.abc import Mapping
from uuid import UUID

from media import nodes, whip
from media.glance import Glance
from media.nodes import Node
from server.core import runtime
from server.core.errors import OUTAGES
from server.hiring.views.monitoring import Reception, RecorderRow

PATIENCE_SECONDS = 0.5

Glances = Mapping[UUID, Glance]


async def ask() -> tuple[list[RecorderRow], Glances]:
    """The recorders that are alive, and the glances of all their recordings, whosever they are; caller beware.

    With Redis away there are none of either.
    """
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            found = await nodes.alive(runtime.here().redis)
    except OUTAGES:
        return [], {}
    told = await asyncio.gather(*map(_ask, found))
    rows = [
        RecorderRow(name=node.id, load=node.load, limit=node.limit, answers=glances is not None)
        for node, glances in zip(found, told, strict=True)
    ]
    return rows, {glance.id: glance for glances in told for glance in glances or ()}


async def _ask(node: Node) -> list[Glance] | None:
    """What one recorder has; None when it does not answer in time."""
    try:
        return await whip.glance(node, runtime.here().settings.secret, PATIENCE_SECONDS)
    except whip.Refused:
        return None


def reception(glance: Glance | None) -> Reception | None:
    """A glance as it is shown."""
    if glance is None:
        return None
    return Reception(
        width=glance.width,
        height=glance.height,
        bitrate=glance.bitrate,
        packets=glance.packets,
        recovered=glance.recovered,
        lost=glance.lost,
        silent=glance.silent,
    )
