"""Django Channels on uvicorn with a layer of channels_redis: `core` is the default of its manual, `pubsub` the faster.

The layer's name is the second argument. Without `socket_timeout=None` and a larger pool, `core` breaks with redis-py 8.
"""

import sys
from typing import Any

import django
from channels.generic.websocket import AsyncWebsocketConsumer
from channels.layers import get_channel_layer
from channels.routing import ProtocolTypeRouter, URLRouter
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.urls import path

from tests.bench.peers.common import run, serve

LAYERS = {"core": "channels_redis.core.RedisChannelLayer", "pubsub": "channels_redis.pubsub.RedisPubSubChannelLayer"}


class Board(AsyncWebsocketConsumer):  # type: ignore[misc]  # untyped
    async def connect(self) -> None:
        await self.channel_layer.group_add("board", self.channel_name)
        await self.accept()

    async def disconnect(self, _code: int) -> None:
        await self.channel_layer.group_discard("board", self.channel_name)

    async def board_event(self, event: dict[str, Any]) -> None:
        await self.send(text_data=event["text"])


async def main(redis_url: str) -> None:
    host: dict[str, Any] = {"address": redis_url}
    if sys.argv[2] == "core":
        host |= {"socket_timeout": None, "max_connections": 10_000}
    settings.configure(
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF=__name__,
        CHANNEL_LAYERS={"default": {"BACKEND": LAYERS[sys.argv[2]], "CONFIG": {"hosts": [host]}}},
    )
    django.setup()
    sockets = URLRouter([path("board", Board.as_asgi())])
    router = ProtocolTypeRouter({"http": get_asgi_application(), "websocket": sockets})

    async def publish(text: str) -> None:
        await get_channel_layer().group_send("board", {"type": "board.event", "text": text})

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "lifespan":  # Django knows none
            await router(scope, receive, send)

    await serve(app, publish)


urlpatterns: list[Any] = []

if __name__ == "__main__":
    run(main)
