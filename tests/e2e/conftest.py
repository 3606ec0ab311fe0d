"""The whole product for browser tests: one installation per session, started as a person starts it."""

import asyncio
import contextlib
import os
import re
import signal
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.e2e.installation import ROOT, Installation


@pytest.fixture(scope="session")
async def installation() -> AsyncIterator[Installation]:
    """`python -m server run` on a free port and an empty folder; stopped by Ctrl-C at the end of the session."""
    with tempfile.TemporaryDirectory(prefix="greenroom-e2e-", ignore_cleanup_errors=True) as folder:
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("GREENROOM_") and name not in {"DATABASE_URL", "REDIS_URL"}
        }
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "server", "run", "--port", "0", "--data", folder,
            cwd=ROOT, env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )  # fmt: skip
        assert process.stdout is not None
        said = ""
        async with asyncio.timeout(90):
            while not (found := re.search(r"http://127\.0\.0\.1:\d+", said)) or "Ready" not in said:
                line = await process.stdout.readline()
                assert line, said
                said += line.decode()
        drain = asyncio.create_task(process.stdout.read())
        try:
            yield Installation(origin=found[0], data=Path(folder))
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(signal.SIGINT)
            async with asyncio.timeout(15):
                await process.wait()
            drain.cancel()
