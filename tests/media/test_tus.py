"""Pieces of an upload: what came before a break is kept to the byte, unless a checksum says that it cannot be right."""

import base64
import hashlib
import os
import tempfile
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from media import tus
from media.storage import Storage


def upload(length: int, received: int = 0) -> tus.State:
    return tus.State(uuid4(), "somebody:1", "open", "", length, received, [], None, datetime.now(UTC))


async def body(chunks: list[bytes], broken: bool) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk
    if broken:
        raise ConnectionError


def told(offset: int, **more: str) -> dict[str, str]:
    return {"content-type": tus.BODY, "upload-offset": str(offset)} | more


@settings(max_examples=30, deadline=None)
@given(
    chunks=st.lists(st.binary(max_size=3000), max_size=8), broken=st.booleans(), before=st.integers(0, 10**6),
    checked=st.booleans(),
)  # fmt: skip
async def test_what_came_is_kept(chunks: list[bytes], broken: bool, before: int, checked: bool) -> None:
    whole = b"".join(chunks) + (b"the rest" if broken else b"")
    sent = b"".join(chunks)
    headers = told(before)
    if checked:
        headers["upload-checksum"] = "sha256 " + base64.b64encode(hashlib.sha256(whole).digest()).decode()
    own = upload(before + len(whole) + 1, before)
    with tempfile.TemporaryDirectory() as folder:
        storage = Storage.open("", Path(folder))
        if checked and broken:
            with pytest.raises(tus.TusError) as refused:
                await tus.receive(storage, own, headers, body(chunks, broken))
            assert refused.value.status == 460
        else:
            piece = await tus.receive(storage, own, headers, body(chunks, broken))
            assert (piece.start, piece.size, piece.whole) == (before, len(sent), not broken)
            if sent:
                assert await storage.get(piece.key) == sent
                await tus.drop(storage, piece)
        assert await storage.keys(own.id) == []
        assert list(storage.scratch.iterdir()) == []


async def test_a_body_that_is_longer_than_it_said_is_refused(tmp_path: Path) -> None:
    storage = Storage.open("", tmp_path)
    with pytest.raises(tus.TusError) as refused:
        await tus.receive(storage, upload(10), told(0), body([b"x" * 6, b"x" * 6], broken=False))
    assert refused.value.status == 413
    assert list(storage.scratch.iterdir()) == []


@pytest.mark.parametrize("checksum", ["sha1", "sha1 %%", "sha1 A", "sha1 ünï", "md5 AAAA", "sha1\tAAAA"])
async def test_a_checksum_that_cannot_be_read(tmp_path: Path, checksum: str) -> None:
    storage = Storage.open("", tmp_path)
    with pytest.raises(tus.TusError) as refused:
        await tus.receive(storage, upload(10), told(0, **{"upload-checksum": checksum}), body([b"x"], broken=False))
    assert refused.value.status in {400, 460}
    assert list(storage.scratch.iterdir()) == []


async def test_what_a_killed_process_left_is_forgotten_after_a_day(tmp_path: Path) -> None:
    scratch = Storage.open("", tmp_path).scratch
    for name, age in [("old.piece", 90_000), ("new.piece", 60)]:
        (scratch / name).write_bytes(b"half")
        os.utime(scratch / name, (time.time() - age,) * 2)
    Storage.open("", tmp_path)
    assert [path.name for path in scratch.iterdir()] == ["new.piece"]


@pytest.mark.parametrize("header", ["name ünï", "name %%", "name " + "A" * 3000, "name /w=="])
def test_metadata_that_cannot_be_read(header: str) -> None:
    with pytest.raises(tus.TusError) as refused:
        tus.metadata_of(header)
    assert refused.value.status == 400


def test_metadata() -> None:
    assert tus.metadata_of("") == {}
    assert tus.metadata_of("a YWJj, empty,b w6Q=") == {"a": "abc", "empty": "", "b": "ä"}
