"""An S3 server in this process, with one bucket called `films`, which can be away for a while."""

import contextlib
from collections.abc import Iterator
from typing import Any

import boto3
from moto.server import ThreadedMotoServer

KNOWN = {"aws_access_key_id": "a", "aws_secret_access_key": "b", "region_name": "us-east-1"}


class Bucket:
    """`known` is what `Storage.open("s3://films/...", ...)` needs to reach it, `environment` what a process does."""

    def __init__(self) -> None:
        self._server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        self._server.start()
        self._port = self._server.get_host_and_port()[1]
        self.endpoint = f"http://127.0.0.1:{self._port}"
        boto3.client("s3", endpoint_url=self.endpoint, **KNOWN).create_bucket(Bucket="films")

    @property
    def known(self) -> dict[str, Any]:
        return {
            "endpoint": self.endpoint,
            "access_key_id": "a",
            "secret_access_key": "b",
            "region": "us-east-1",
            "client_options": {"allow_http": True},
            "virtual_hosted_style_request": False,
        }

    @property
    def environment(self) -> dict[str, str]:
        return {
            "AWS_ACCESS_KEY_ID": "a",
            "AWS_SECRET_ACCESS_KEY": "b",
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ALLOW_HTTP": "true",
            "AWS_VIRTUAL_HOSTED_STYLE_REQUEST": "false",
        }

    def stop(self) -> None:
        self._server.stop()

    @contextlib.contextmanager
    def away(self) -> Iterator[None]:
        """Nobody answers within the block; what is in it stays."""
        self._server.stop()
        try:
            yield
        finally:
            self._server = ThreadedMotoServer(ip_address="127.0.0.1", port=self._port, verbose=False)
            self._server.start()


@contextlib.contextmanager
def bucket() -> Iterator[Bucket]:
    """One for as long as the block lasts."""
    made = Bucket()
    try:
        yield made
    finally:
        made.stop()
