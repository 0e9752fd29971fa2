"""A consumer of S3 event notifications: reads the document on standard input and fetches what its records are about."""
import json
import os
import sys
import urllib.parse

import boto3
from botocore.utils import parse_timestamp

s3 = boto3.client("s3", endpoint_url=os.environ["S3_URL"])

found = []
for record in json.load(sys.stdin)["Records"]:
    assert record["eventSource"] == "aws:s3", record
    major, minor = record["eventVersion"].split(".")
    assert (major, int(minor) >= 1) == ("2", True), record
    assert record["responseElements"]["x-amz-request-id"], record
    bucket = record["s3"]["bucket"]["name"]
    entry = record["s3"]["object"]
    key = urllib.parse.unquote_plus(entry["key"], encoding="utf-8")
    head = s3.head_object(Bucket=bucket, Key=key)
    assert head["ContentLength"] == entry["size"], record
    assert head["ETag"] == '"%s"' % entry["eTag"], record
    assert parse_timestamp(record["eventTime"]).tzinfo is not None, record
    int(entry["sequencer"], 16)
    found.append([record["eventName"], key, record["requestParameters"]["sourceIPAddress"]])
print(json.dumps(found))
