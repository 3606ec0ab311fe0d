"""An S3 server in this process, with one bucket called `films`."""

import contextlib
from collections.abc import Iterator
from typing import Any

import boto3
from moto.server import ThreadedMotoServer


@contextlib.contextmanager
def bucket() -> Iterator[dict[str, Any]]:
    """What `Storage.open("s3://films/...", ...)` needs to reach it."""
    server = ThreadedMotoServer(port=0)
    server.start()
    host, port = server.get_host_and_port()
    endpoint = f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}"  # noqa: S104
    known = {"aws_access_key_id": "a", "aws_secret_access_key": "b", "region_name": "us-east-1"}
    boto3.client("s3", endpoint_url=endpoint, **known).create_bucket(Bucket="films")
    yield {
        "endpoint": endpoint,
        "access_key_id": "a",
        "secret_access_key": "b",
        "region": "us-east-1",
        "client_options": {"allow_http": True},
        "virtual_hosted_style_request": False,
    }
    server.stop()
