"""Litestar's own ChannelsPlugin with its Redis backend, with the routes it makes itself."""

from litestar import Litestar
from litestar.channels import ChannelsPlugin
from litestar.channels.backends.redis import RedisChannelsPubSubBackend
from redis.asyncio import Redis

from tests.bench.peers.common import run, serve


async def main(redis_url: str) -> None:
    backend = RedisChannelsPubSubBackend(redis=Redis.from_url(redis_url))
    channels = ChannelsPlugin(backend=backend, channels=["board"], create_ws_route_handlers=True)

    async def publish(text: str) -> None:
        channels.publish(text, "board")

    await serve(Litestar(plugins=[channels], logging_config=None), publish)


if __name__ == "__main__":
    run(main)
