"""Uploads by forms: policies, signatures of both versions, and what is answered."""
import base64
import datetime
import hashlib
import hmac
import json
import xml.etree.ElementTree as tree

import urllib3
from kit import bare, bucket, case, client, read, s3, same, table

credentials = s3._request_signer._credentials


def policy(name, conditions=(), seconds=600, **more):
    until = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    every = [{"bucket": name}, ["starts-with", "$key", "foo"], {"acl": "private"}, ["starts-with", "$Content-Type", "text/plain"], ["content-length-range", 0, 1024], *conditions]
    return {"expiration": until.strftime("%Y-%m-%dT%H:%M:%SZ"), "conditions": every, **more}


def signed(document, secret=None):
    """Fields by Signature Version 2, which needs nothing but the policy."""
    text = base64.b64encode(json.dumps(document).encode())
    key = (secret or credentials.secret_key).encode()
    signature = base64.b64encode(hmac.new(key, text, hashlib.sha1).digest()).decode()
    return {"AWSAccessKeyId": credentials.access_key, "signature": signature, "policy": text.decode()}


def post(name, fields, body=b"bar", filename="a.txt"):
    content, kind = urllib3.encode_multipart_formdata([*fields.items(), ("file", (filename, body))])
    return bare("POST", f"/{name}", content, {"Content-Type": kind})


plain = {"key": "foo.txt", "acl": "private", "Content-Type": "text/plain"}


def without(fields, *names):
    return {name: value for name, value in fields.items() if name not in names}


# What the fields are, given the bucket's name; what is answered; and of what is taken the key.
cases = [
    ("what was signed", lambda name: {**plain, **signed(policy(name))}, 204, "foo.txt"),
    ("a key of its file's name", lambda name: {**plain, "key": "foo-${filename}", **signed(policy(name))}, 204, "foo-a.txt"),
    ("fields in any case of letters", lambda name: {"kEy": "foo.txt", "aCl": "private", "content-TYPE": "text/plain", **{field.swapcase(): value for field, value in signed(policy(name)).items()}}, 204, "foo.txt"),
    ("conditions in any case of letters", lambda name: {**plain, **signed({**policy(name), "conditions": [{"bUcKeT": name}, ["StArTs-WiTh", "$KeY", "foo"], {"AcL": "private"}, ["EQ", "$CoNtEnT-TyPe", "text/plain"]]})}, 204, "foo.txt"),
    ("a field that is to be ignored", lambda name: {**plain, "x-ignore-foo": "bar", **signed(policy(name))}, 204, "foo.txt"),
    ("no Content-Type where none is asked for", lambda name: {**without(plain, "Content-Type"), **signed({**policy(name), "conditions": [{"bucket": name}, ["starts-with", "$key", ""], {"acl": "private"}]})}, 204, "foo.txt"),
    ("user metadata that the policy knows", lambda name: {**plain, "x-amz-meta-foo": "barclamp", **signed(policy(name, [["starts-with", "$x-amz-meta-foo", "bar"]]))}, 204, "foo.txt"),
    ("a key that begins with a dollar sign", lambda name: {**plain, "key": "$foo.txt", **signed({**policy(name), "conditions": [{"bucket": name}, ["starts-with", "$key", "$foo"], {"acl": "private"}, ["starts-with", "$Content-Type", ""]]})}, 204, "$foo.txt"),
    ("no signature and no policy", lambda name: plain, 403, None),
    ("no signature", lambda name: {**plain, **without(signed(policy(name)), "signature")}, 400, None),
    ("no policy", lambda name: {**plain, **without(signed(policy(name)), "policy")}, 400, None),
    ("a false signature", lambda name: {**plain, **signed(policy(name), "wrong")}, 403, None),
    ("an unknown key", lambda name: {**plain, **signed(policy(name)), "AWSAccessKeyId": "NEVERMADE"}, 403, None),
    ("no name for the object", lambda name: {**without(plain, "key"), **signed({**policy(name), "conditions": [{"bucket": name}, {"acl": "private"}, ["starts-with", "$Content-Type", ""]]})}, 400, None),
    ("a policy for another bucket", lambda name: {**plain, **signed(policy("another"))}, 403, None),
    ("a policy for no bucket", lambda name: {**plain, **signed({**policy(name), "conditions": policy(name)["conditions"][1:]})}, 403, None),
    ("a key that the policy has not", lambda name: {**plain, "key": "bar.txt", **signed(policy(name))}, 403, None),
    ("a type that the policy has not", lambda name: {**plain, "Content-Type": "text/html", **signed(policy(name))}, 403, None),
    ("metadata that the policy has not", lambda name: {**plain, "x-amz-meta-foo": "bar", **signed(policy(name))}, 403, None),
    ("metadata missing that the policy has", lambda name: {**plain, **signed(policy(name, [["starts-with", "$x-amz-meta-foo", "bar"]]))}, 403, None),
    ("a policy that has expired", lambda name: {**plain, **signed(policy(name, seconds=-600))}, 403, None),
    ("a policy without an expiration", lambda name: {**plain, **signed(without(policy(name), "expiration"))}, 400, None),
    ("a policy that does not say how long so that it can be read", lambda name: {**plain, **signed(policy(name, expiration="2999-01-01 00:00:00+00:00"))}, 400, None),
    ("a policy that calls its expiration otherwise", lambda name: {**plain, **signed({**without(policy(name), "expiration"), "EXPIRATION": "2999-01-01T00:00:00Z"})}, 400, None),
    ("a policy without conditions", lambda name: {**plain, **signed(without(policy(name), "conditions"))}, 400, None),
    ("a policy that calls its conditions otherwise", lambda name: {**plain, **signed({**without(policy(name), "conditions"), "CONDITIONS": []})}, 400, None),
    ("a policy with an empty condition", lambda name: {**plain, **signed(policy(name, [{}]))}, 400, None),
    ("a policy with an unknown condition", lambda name: {**plain, **signed(policy(name, [["ends-with", "$key", "txt"]]))}, 400, None),
    ("a policy with half a range", lambda name: {**plain, **signed(policy(name, [["content-length-range", 0]]))}, 400, None),
    ("a policy with a range from below nothing", lambda name: {**plain, **signed(policy(name, [["content-length-range", -1, 0]]))}, 400, None),
    ("a policy for larger files", lambda name: {**plain, **signed(policy(name, [["content-length-range", 512, 1024]]))}, 400, None),
    ("a policy for smaller files", lambda name: {**plain, **signed(policy(name, [["content-length-range", 0, 1]]))}, 400, None),
    ("a policy that is no JSON", lambda name: {**plain, **signed(policy(name)), "policy": "bm90IEpTT04="}, 403, None),
]


@table("a form with", cases)
def forms(_, fields, status, key):
    name = bucket()
    found, headers, body = post(name, fields(name))
    assert found == status, f"{found}: {body!r:.400}"
    same([entry["Key"] for entry in s3.list_objects_v2(Bucket=name).get("Contents", [])], [] if key is None else [key])
    if key is not None:
        same(read(name, key), b"bar")
        same(headers["etag"], '"37b51d194a7513e45b56f6524f2d51f2"')


@table("is answered by a form as it asks", [("200", 200), ("201", 201), ("204", 204), ("404", 204)])
def statuses(asked, status):
    name = bucket()
    fields = {**plain, "success_action_status": asked, **signed(policy(name, [{"success_action_status": asked}]))}
    found, _, body = post(name, fields)
    same(found, status)
    if status == 201:
        same(tree.fromstring(body).find("Key").text, "foo.txt")
    else:
        same(body, b"")


@case("a form goes on to another page")
def redirected():
    name, page = bucket(), "http://example.com/done"
    fields = {**plain, "success_action_redirect": page, **signed(policy(name, [["eq", "$success_action_redirect", page]]))}
    status, headers, _ = post(name, fields)
    tag = s3.head_object(Bucket=name, Key="foo.txt")["ETag"].strip('"')
    same((status, headers["location"]), (303, f"{page}?bucket={name}&key=foo.txt&etag=%22{tag}%22"))


@case("a form brings more than fits into memory at once")
def large():
    name, body = bucket(), b"foo" * (1024 * 1024)
    conditions = [{"bucket": name}, ["starts-with", "$key", ""], {"acl": "private"}, ["starts-with", "$Content-Type", ""], ["content-length-range", 0, 5 * 1024 * 1024]]
    same(post(name, {**plain, **signed({**policy(name), "conditions": conditions})}, body)[0], 204)
    same(read(name, "foo.txt"), body)


@table("boto3's own forms are taken", [("s3",), ("s3v4",)])
def own(version):
    name = bucket()
    made = client(version).generate_presigned_post(name, "uploads/${filename}", Conditions=[["content-length-range", 1, 100]], ExpiresIn=60)
    status, _, body = post(name, made["fields"])
    assert status == 204, body
    same(read(name, "uploads/a.txt"), b"bar")
    same(post(name, made["fields"], b"x" * 101)[0], 400)


@case("tags come with a form")
def tags():
    name = bucket()
    xml = "<Tagging><TagSet><Tag><Key>0</Key><Value>1</Value></Tag></TagSet></Tagging>"
    fields = {**plain, "tagging": xml, **signed(policy(name, [["starts-with", "$tagging", ""]]))}
    same(post(name, fields)[0], 204)
    same(s3.get_object_tagging(Bucket=name, Key="foo.txt")["TagSet"], [{"Key": "0", "Value": "1"}])


@table("a form with the checksum of", [(b"bar", 204), (b"else", 400)])
def checksum(of, status):
    name = bucket()
    told = base64.b64encode(hashlib.sha256(of).digest()).decode()
    fields = {**plain, "x-amz-checksum-sha256": told, **signed(policy(name, [["starts-with", "$x-amz-checksum-sha256", ""]]))}
    same(post(name, fields)[0], status)
