"""What the cases share: how one is registered, a client, a fresh bucket for each, and how a refusal is looked at."""
import contextlib
import functools
import http.client
import itertools
import os
import urllib.parse

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

# (area, name, function), in the order in which they are written.
cases = []
endpoint = os.environ["S3_URL"]
other_keys = {"aws_access_key_id": os.environ["OTHER_KEY_ID"], "aws_secret_access_key": os.environ["OTHER_SECRET"]}


def case(name):
    """Registers a function without parameters."""

    def add(function):
        written = function.func if isinstance(function, functools.partial) else function
        cases.append((written.__module__, name, function))
        return function

    return add


def table(name, rows):
    """Registers a function once for each row, which gives its parameters and, by its first, its name."""

    def add(function):
        for row in rows:
            case(f"{name}: {row[0]!r:.80}")(functools.partial(function, *row))
        return function

    return add


def client(version="s3v4", **more):
    config = Config(signature_version=version, retries={"max_attempts": 0}, parameter_validation=False)
    return boto3.client("s3", endpoint_url=endpoint, config=config, **more)


s3 = client()
numbers = itertools.count(1)


def bucket(*keys):
    """A fresh bucket with an object at each of the keys, whose bytes are its key."""
    name = f"case-{next(numbers)}"
    s3.create_bucket(Bucket=name)
    for key in keys:
        s3.put_object(Bucket=name, Key=key, Body=key.encode())
    return name


def read(name, key, **more):
    return s3.get_object(Bucket=name, Key=key, **more)["Body"].read()


def refused(status, code, call, *args, **more):
    """The call must fail just so; gives the error."""
    try:
        call(*args, **more)
    except ClientError as error:
        found = (error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["Error"]["Code"])
        # Answers to HEAD have no document: boto3 gives their status for a code.
        wanted = (status, str(status) if code is None else code)
        assert found == wanted, f"{found}, not {wanted}: {error}"
        return error.response
    raise AssertionError(f"was taken, and should have been {status} {code}")


def same(found, wanted):
    assert found == wanted, f"{found!r:.600}, not {wanted!r:.600}"


@contextlib.contextmanager
def headers(values, of=None):
    """Adds headers to what a client sends, signed: those that this boto3 has no parameters for."""
    events = (of or s3).meta.events

    def add(request, **_):
        for name, value in values.items():
            if name in request.headers:
                del request.headers[name]
            request.headers[name] = value

    events.register("before-sign.s3", add)
    try:
        yield
    finally:
        events.unregister("before-sign.s3", add)


def bare(method, target, body=b"", more=None):
    """A request that nobody signed, or whose URL is: status, headers by lower-case name, bytes."""
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(endpoint).netloc, timeout=60)
    try:
        connection.request(method, target, body, more or {})
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
    finally:
        connection.close()


def presigned(operation, version="s3v4", seconds=60, **parameters):
    """Path and query of a presigned URL."""
    url = client(version).generate_presigned_url(operation, Params=parameters, ExpiresIn=seconds)
    parts = urllib.parse.urlsplit(url)
    return f"{parts.path}?{parts.query}"
