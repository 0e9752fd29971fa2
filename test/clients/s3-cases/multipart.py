"""Uploads in parts: what they make, in which order parts may come, and what is refused."""
import hashlib

from kit import bucket, case, headers, read, refused, s3, same, table

mebibyte = 1024 * 1024
least = 5 * mebibyte


def begin(name, key="k", **more):
    return {"Bucket": name, "Key": key, "UploadId": s3.create_multipart_upload(Bucket=name, Key=key, **more)["UploadId"]}


def part(at, number, body):
    return {"PartNumber": number, "ETag": s3.upload_part(**at, PartNumber=number, Body=body)["ETag"]}


def finish(at, parts):
    return s3.complete_multipart_upload(**at, MultipartUpload={"Parts": parts})


def tag(*bodies):
    sums = b"".join(hashlib.md5(body).digest() for body in bodies)
    return f'"{hashlib.md5(sums).hexdigest()}-{len(bodies)}"'


def upload(name, *bodies, **more):
    at = begin(name, **more)
    return finish(at, [part(at, number, body) for number, body in enumerate(bodies, 1)])


@table("an object comes of parts of", [
    ("one byte", [1]), ("nothing", [0]), ("five mebibytes", [least]), ("five mebibytes and some", [least, 100 * 1024]),
    ("five and five", [least, least]), ("different sizes", [least, least + 600 * 1024, 3]),
])
def comes(_, sizes):
    name = bucket()
    bodies = [bytes([65 + number]) * size for number, size in enumerate(sizes)]
    answer = upload(name, *bodies, Metadata={"foo": "bar"}, ContentType="text/bla")
    same(answer["ETag"], tag(*bodies))
    found = s3.get_object(Bucket=name, Key="k")
    same((found["ContentType"], found["Metadata"], found["ContentLength"]), ("text/bla", {"foo": "bar"}, sum(sizes)))
    same(found["Body"].read(), b"".join(bodies))


@case("parts come in any order, are sent again, and may leave numbers out")
def any_order():
    name, at = bucket(), None
    at = begin(name)
    last = part(at, 100, b"end")
    part(at, 7, b"x" * 10)
    first = part(at, 7, b"A" * least)
    unused = part(at, 50, b"unused")
    assert unused
    finish(at, [first, last])
    same(read(name, "k"), b"A" * least + b"end")


@case("an upload takes the place of an object")
def over():
    name = bucket("k")
    upload(name, b"A" * least, b"B")
    same(s3.head_object(Bucket=name, Key="k")["ContentLength"], least + 1)


@case("an upload is not seen before it is completed, and may be completed again")
def completed():
    name = bucket()
    at = begin(name)
    parts = [part(at, 1, b"x")]
    refused(404, None, s3.head_object, Bucket=name, Key="k")
    same(finish(at, parts)["ETag"], finish(at, parts)["ETag"])


@case("an upload that is given up is gone, with its parts")
def given_up():
    name = bucket()
    at = begin(name)
    part(at, 1, b"x" * least)
    same(s3.abort_multipart_upload(**at)["ResponseMetadata"]["HTTPStatusCode"], 204)
    refused(404, "NoSuchUpload", s3.abort_multipart_upload, **at)
    refused(404, "NoSuchUpload", s3.list_parts, **at)
    refused(404, "NoSuchUpload", part, at, 2, b"y")
    assert "Uploads" not in s3.list_multipart_uploads(Bucket=name)
    s3.delete_bucket(Bucket=name)


@table("an upload is not completed with", [
    ("no parts", lambda parts: [], (400, "MalformedXML")),
    ("a part that never came", lambda parts: [*parts, {"PartNumber": 9999, "ETag": parts[0]["ETag"]}], (400, "InvalidPart")),
    ("another ETag", lambda parts: [{"PartNumber": 1, "ETag": '"ffffffffffffffffffffffffffffffff"'}], (400, "InvalidPart")),
    ("parts in another order", lambda parts: parts[::-1], (400, "InvalidPartOrder")),
    ("small parts before the last", lambda parts: parts, (400, "EntityTooSmall")),
])
def not_so(_, sent, answer):
    name = bucket()
    at = begin(name)
    parts = [part(at, 1, b"x"), part(at, 2, b"y")]
    refused(*answer, finish, at, sent(parts))
    refused(404, None, s3.head_object, Bucket=name, Key="k")


@table("there is no part of number", [(0,), (-1,), (10001,)])
def numbers(number):
    refused(400, "InvalidArgument", part, begin(bucket()), number, b"x")


@case("nothing is known of an upload that was never begun")
def never_begun():
    name = bucket("k")
    at = {"Bucket": name, "Key": "k", "UploadId": "never-begun"}
    refused(404, "NoSuchUpload", part, at, 1, b"x")
    refused(404, "NoSuchUpload", finish, at, [{"PartNumber": 1, "ETag": "a"}])
    refused(404, "NoSuchUpload", s3.abort_multipart_upload, **at)
    refused(404, "NoSuchUpload", s3.list_parts, **at)


@case("uploads and their parts are listed, in pages")
def listed():
    name = bucket()
    uploads = [begin(name, key) for key in ("a", "b", "b")]
    for number in (3, 1, 2):
        part(uploads[0], number, b"x" * number)
    found = s3.list_multipart_uploads(Bucket=name)
    same(sorted((entry["Key"], entry["UploadId"]) for entry in found["Uploads"]), sorted((at["Key"], at["UploadId"]) for at in uploads))
    first = s3.list_multipart_uploads(Bucket=name, MaxUploads=1)
    rest = s3.list_multipart_uploads(Bucket=name, KeyMarker=first["NextKeyMarker"], UploadIdMarker=first["NextUploadIdMarker"])
    same((first["IsTruncated"], len(rest["Uploads"])), (True, 2))
    same(len(s3.list_multipart_uploads(Bucket=name, Prefix="b")["Uploads"]), 2)
    page = s3.list_parts(**uploads[0], MaxParts=2)
    same(([entry["Size"] for entry in page["Parts"]], page["IsTruncated"]), ([1, 2], True))
    page = s3.list_parts(**uploads[0], PartNumberMarker=page["NextPartNumberMarker"])
    same(([entry["PartNumber"] for entry in page["Parts"]], page["IsTruncated"]), ([3], False))


@case("a part of an object is read by its number")
def by_number():
    name = bucket("plain")
    upload(name, b"A" * least, b"B" * least, b"C")
    for number, letter, size in ((1, "A", least), (2, "B", least), (3, "C", 1)):
        found = s3.get_object(Bucket=name, Key="k", PartNumber=number)
        same((found["ContentLength"], found["PartsCount"], found["Body"].read(1)), (size, 3, letter.encode()))
        same(s3.head_object(Bucket=name, Key="k", PartNumber=number)["ContentLength"], size)
    refused(416, "InvalidPartNumber", s3.get_object, Bucket=name, Key="k", PartNumber=5)
    same(read(name, "plain", PartNumber=1), b"plain")
    refused(416, "InvalidPartNumber", s3.get_object, Bucket=name, Key="plain", PartNumber=2)
    refused(400, "InvalidRequest", s3.get_object, Bucket=name, Key="k", PartNumber=1, Range="bytes=0-1")


@case("the parts of an object are told with its attributes")
def attributes():
    name = bucket()
    upload(name, b"A" * least, b"B")
    found = s3.get_object_attributes(Bucket=name, Key="k", ObjectAttributes=["ObjectParts", "ObjectSize", "ETag"])
    same((found["ObjectSize"], found["ObjectParts"]["TotalPartsCount"]), (least + 1, 2))
    assert found["ETag"].endswith("-2") and '"' not in found["ETag"]


copied = [("bytes=0-4", b"01234"), ("bytes=5-9", b"56789"), ("bytes=0-9", b"0123456789")]


@table("a part is copied from a range of an object", copied)
def from_range(asked, wanted):
    name = bucket("0123456789")
    at = begin(name)
    result = s3.upload_part_copy(**at, PartNumber=1, CopySource={"Bucket": name, "Key": "0123456789"}, CopySourceRange=asked)
    finish(at, [{"PartNumber": 1, "ETag": result["CopyPartResult"]["ETag"]}])
    same(read(name, "k"), wanted)


@table("a part is not copied from", [
    ("bytes=0-21", (416, "InvalidRange")),
    *((asked, (400, "InvalidArgument")) for asked in ("bytes=10-", "bytes=0", "bytes=", "0-1", "bytes=-5", "bytes=0-1,2-3", "bytes=a-b", "bytes=0-b")),
])
def no_range(asked, answer):
    name = bucket("0123456789")
    at = begin(name)
    source = {"Bucket": name, "Key": "0123456789"}
    refused(*answer, s3.upload_part_copy, **at, PartNumber=1, CopySource=source, CopySourceRange=asked)


@table("a part is copied from the whole of", [(" ",), ("_",), ("?versionId",), ("a+b/ü",)])
def whole(key):
    name = bucket(key)
    at = begin(name)
    result = s3.upload_part_copy(**at, PartNumber=1, CopySource={"Bucket": name, "Key": key})
    finish(at, [{"PartNumber": 1, "ETag": result["CopyPartResult"]["ETag"]}])
    same(read(name, "k"), key.encode())


@case("a part whose bytes are not what was said is refused")
def lies():
    at = begin(bucket())
    with headers({"Content-MD5": "rL0Y20zC+Fzt72VPzMSk2A=="}):
        refused(400, "BadDigest", part, at, 1, b"x")
    same("Parts" in s3.list_parts(**at), False)


@case("an upload brings its tags")
def tags():
    name = bucket()
    upload(name, b"x", Tagging="a=1")
    same(s3.get_object_tagging(Bucket=name, Key="k")["TagSet"], [{"Key": "a", "Value": "1"}])
