"""The browser's own decisions, asked in Node."""

import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.realtime.browser import node_program

SCRIPT = Path(__file__).with_name("copies.ts")
Ask = Callable[..., Any]


@pytest.fixture(scope="module")
def ask() -> Iterator[Ask]:
    """`ask("fate", manifest=..., ...)` puts one question and returns the answer."""
    words = [node_program(), "--experimental-strip-types", "--no-warnings", str(SCRIPT)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        stdin, stdout = process.stdin, process.stdout
        assert stdin is not None
        assert stdout is not None

        def put(what: str, **more: Any) -> Any:
            stdin.write(json.dumps({"ask": what, **more}) + "\n")
            stdin.flush()
            return json.loads(stdout.readline())

        yield put
        stdin.close()
