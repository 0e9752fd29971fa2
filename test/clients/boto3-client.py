"""One operation of boto3, named by the first argument; what it found is printed as JSON or bytes."""
import http.client
import io
import json
import os
import sys
import urllib.parse

import boto3
from botocore.config import Config

s3 = boto3.client("s3", endpoint_url=os.environ["S3_URL"])


class Pipe(io.RawIOBase):
    """What cannot be asked for its length or read twice."""

    def readable(self):
        return True

    def read(self, size=-1):
        return sys.stdin.buffer.read(size)


def list_keys(bucket):
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket)
    return [entry["Key"] for page in pages for entry in page.get("Contents", [])]


def query(bucket, text):
    """As the vendor of the language documents it."""
    asking = boto3.client("s3", endpoint_url=os.environ["S3_URL"])
    asking.meta.events.register(
        "before-sign.s3.ListObjectsV2",
        lambda request, **kwargs: request.headers.add_header("X-Tigris-Query", text),
    )
    pages = asking.get_paginator("list_objects_v2").paginate(Bucket=bucket, PaginationConfig={"PageSize": 2})
    return [entry["Key"] for page in pages for entry in page.get("Contents", [])]


def presigned_put(bucket, key, version):
    """As curl would upload, without a Content-Type, which Version 2 signs too."""
    signer = boto3.client("s3", endpoint_url=os.environ["S3_URL"], config=Config(signature_version=version))
    url = urllib.parse.urlsplit(
        signer.generate_presigned_url("put_object", Params={"Bucket": bucket, "Key": key}, ExpiresIn=60)
    )
    connection = http.client.HTTPConnection(url.netloc)
    connection.request("PUT", f"{url.path}?{url.query}", sys.stdin.buffer.read())
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()


def move(from_bucket, from_key, bucket, key):
    s3.copy({"Bucket": from_bucket, "Key": from_key}, bucket, key)
    s3.delete_object(Bucket=from_bucket, Key=from_key)


operations = {
    "make-bucket": lambda bucket: s3.create_bucket(Bucket=bucket) and None,
    "buckets": lambda: [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]],
    "remove-bucket": lambda bucket: s3.delete_bucket(Bucket=bucket) and None,
    "put": lambda file, bucket, key: s3.upload_file(file, bucket, key),
    "put-stream": lambda bucket, key: s3.upload_fileobj(Pipe(), bucket, key),
    "get": lambda bucket, key, file: s3.download_file(bucket, key, file),
    "get-from": lambda bucket, key, first: s3.get_object(Bucket=bucket, Key=key, Range=f"bytes={first}-")[
        "Body"
    ].read(),
    "copy": lambda from_bucket, from_key, bucket, key: s3.copy(
        {"Bucket": from_bucket, "Key": from_key}, bucket, key
    ),
    "move": move,
    "list": list_keys,
    "query": query,
    "delete-many": lambda bucket, *keys: s3.delete_objects(
        Bucket=bucket, Delete={"Objects": [{"Key": key} for key in keys]}
    )
    and None,
    "presigned-put": presigned_put,
}

found = operations[sys.argv[1]](*sys.argv[2:])
sys.stdout.buffer.write(found if isinstance(found, bytes) else json.dumps(found).encode())
