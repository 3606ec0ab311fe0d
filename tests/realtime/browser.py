"""The browser's reducers and its live socket, in a Node process that lives as long as the tests need it.

`reduce` is what a convergence test wants: an old snapshot and the payloads that were emitted, through the browser's own
`store.ts`, compared with a fresh fetch.
"""

import asyncio
import contextlib
import json
import shutil
import sys
from collections.abc import AsyncIterator, Sequence
from pathlib import Path
from typing import Any

SCRIPT = Path(__file__).with_name("browser.ts")


def node_program() -> str:
    """The Node of the tool chain (it sits beside Python), else the one on the path."""
    beside = Path(sys.executable).with_name("node")
    found = str(beside) if beside.exists() else shutil.which("node")
    assert found, "Node is missing; ./dev installs it"
    return found


class Browser:
    """One Node process. What it sees arrives as lines."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.seen: list[dict[str, Any]] = []

    async def order(self, do: str, **fields: Any) -> None:
        assert self._process.stdin
        self._process.stdin.write(json.dumps({"do": do, **fields}).encode() + b"\n")
        await self._process.stdin.drain()

    async def line(self, seconds: float = 5.0) -> dict[str, Any]:
        assert self._process.stdout
        async with asyncio.timeout(seconds):
            found: dict[str, Any] = json.loads(await self._process.stdout.readline())
        self.seen.append(found)
        return found

    async def sees(self, what: str, seconds: float = 5.0, **fields: Any) -> dict[str, Any]:
        """The next line that reports `what` with these fields; others are passed over."""
        async with asyncio.timeout(seconds):
            while True:
                found = await self.line(seconds)
                if found.get("saw") == what and all(found.get(key) == value for key, value in fields.items()):
                    return found

    async def reduce(self, reducer: str, state: Any, payloads: Sequence[Any]) -> Any:
        """`state` (of "board", "application", "candidate" or "inbox") after the payloads."""
        await self.order("reduce", reducer=reducer, state=state, payloads=list(payloads))
        return (await self.line())["reply"]

    async def add_page(self, board: Any, page: Any) -> Any:
        """A board with more cards of one of its columns."""
        await self.order("add_page", board=board, page=page)
        return (await self.line())["reply"]

    async def near(self, heights: Sequence[int], **look: Any) -> Any:
        """Which rows of these heights are drawn, and the gaps between them."""
        await self.order("near", heights=heights, look={"rows": len(heights), "keep": [], **look})
        return (await self.line())["reply"]

    async def in_order(self, board: Any, moves: Sequence[Any]) -> Any:
        """Where cards are shown with these moves on their way, and how many stand where."""
        await self.order("in_order", board=board, moves=list(moves))
        return (await self.line())["reply"]

    async def idleness(self, *steps: int | str) -> Any:
        """What `idle.ts` told after each step of time (milliseconds) or input (an event's name)."""
        await self.order("idleness", steps=steps)
        return (await self.line())["reply"]

    async def lid(self, *steps: dict[str, Any]) -> Any:
        """What a wire did while its machine ran (`run`, ms), slept (`sleep`) and was told something (`say`)."""
        await self.order("lid", steps=steps)
        return (await self.line())["reply"]

    async def pauses(self, *attempts: int) -> Any:
        """How many milliseconds `wire.ts` would wait before these tries."""
        await self.order("pauses", attempts=attempts)
        return (await self.line())["reply"]

    async def optimistic(self, reducer: str, state: Any, steps: Sequence[Any]) -> Any:
        await self.order("optimistic", reducer=reducer, state=state, steps=list(steps))
        return (await self.line())["reply"]


@contextlib.asynccontextmanager
async def browser_code() -> AsyncIterator[Browser]:
    process = await asyncio.create_subprocess_exec(
        node_program(),
        "--experimental-strip-types",
        "--no-warnings",
        str(SCRIPT),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=16 * 1024 * 1024,
    )
    try:
        yield Browser(process)
    finally:
        assert process.stdin
        process.stdin.close()  # it ends with its orders; what we started may be a wrapper around the real Node
        await process.wait()
