"""The browser's own copy of a take on its way: the steps of tus that tests take again and again."""

import base64

import httpx

from media import tus
from tests.cast import Json, Visitor

TUS = {"tus-resumable": "1.0.0"}


def metadata(**pairs: str) -> str:
    """The header; pairs without a value are left out."""
    return ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in pairs.items() if value)


async def announce(cleo: Visitor, length: int, **more: str) -> httpx.Response:
    told = {"question": (await cleo.questions())[0], "kind": "video", "filetype": "video/webm"} | more
    headers = TUS | {"upload-length": str(length), "upload-metadata": metadata(**told)}
    return await cleo.call("POST", cleo.at("/uploads"), headers=headers)


async def begin(cleo: Visitor, length: int, **more: str) -> str:
    """The path of a new upload."""
    reply = await announce(cleo, length, **more)
    assert reply.status_code == 201, reply.text
    assert reply.headers["upload-offset"] == "0"
    return reply.headers["location"]


async def send(who: Visitor, path: str, offset: int, content: bytes, via: str = "", **headers: str) -> httpx.Response:
    known = {"content-type": tus.BODY, "upload-offset": str(offset)} | TUS
    return await who.call("PATCH", via + path, content=content, headers=known | headers)


async def offset(cleo: Visitor, path: str) -> int:
    reply = await cleo.call("HEAD", path, headers=TUS)
    assert (reply.status_code, reply.headers["cache-control"]) == (200, "no-store")
    return int(reply.headers["upload-offset"])


async def take_of(cleo: Visitor) -> Json:
    (answer,) = (await cleo.read("/place"))["answers"]
    (take,) = answer["takes"]
    return take | {"accepted": answer["accepted"] == take["id"]}


def code(reply: httpx.Response) -> tuple[int, str]:
    assert reply.headers["tus-resumable"] == "1.0.0"
    return reply.status_code, reply.json()["code"]
