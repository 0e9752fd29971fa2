"""Objects: their bytes, what is kept with them, ranges of them, and what is refused."""
import hashlib
import io
import threading

from kit import bare, bucket, case, headers, presigned, read, refused, s3, same, table


@case("an object is written, read, changed and deleted")
def life():
    name = bucket()
    for body in (b"bar", b"soup", b""):
        s3.put_object(Bucket=name, Key="k", Body=body)
        same(read(name, "k"), body)
    s3.delete_object(Bucket=name, Key="k")
    refused(404, "NoSuchKey", s3.get_object, Bucket=name, Key="k")
    refused(404, None, s3.head_object, Bucket=name, Key="k")


@table("an object has the length and the ETag of its bytes", [(0,), (1,), (1024,), (1024 * 1024,), (3 * 1024 * 1024 + 1,)])
def sizes(size):
    name, body = bucket(), b"x" * size
    answer = s3.put_object(Bucket=name, Key="k", Body=body)
    same(answer["ETag"], f'"{hashlib.md5(body).hexdigest()}"')
    head = s3.head_object(Bucket=name, Key="k")
    same((head["ContentLength"], head["ETag"]), (size, answer["ETag"]))
    same(read(name, "k"), body)


kept = [("CacheControl", "public, max-age=14400"), ("ContentDisposition", 'attachment; filename="a b.txt"'), ("ContentEncoding", "gzip"), ("ContentLanguage", "de, en"), ("ContentType", "text/x; charset=utf-8")]


@table("what a client says of an object is given back", kept)
def facts(field, value):
    name = bucket()
    s3.put_object(Bucket=name, Key="k", Body=b"x", **{field: value})
    same(s3.head_object(Bucket=name, Key="k")[field], value)
    s3.put_object(Bucket=name, Key="k", Body=b"x")
    assert s3.head_object(Bucket=name, Key="k").get(field) != value


@case("when it expires is given back")
def expires():
    import datetime

    name, when = bucket(), datetime.datetime(2030, 1, 2, 3, 4, 5, tzinfo=datetime.timezone.utc)
    s3.put_object(Bucket=name, Key="k", Body=b"x", Expires=when)
    same(s3.head_object(Bucket=name, Key="k")["Expires"], when)


@table("user metadata is given back", [
    ("nothing", {}, {}),
    ("a value", {"meta1": "mymeta"}, {"meta1": "mymeta"}),
    ("an empty value", {"meta1": ""}, {"meta1": ""}),
    ("several", {"a": "1", "b-c": "2"}, {"a": "1", "b-c": "2"}),
    ("names in lower case", {"CamelCase": "X"}, {"camelcase": "X"}),
    ("blanks within", {"m": "a  b"}, {"m": "a  b"}),
])
def metadata(_, said, wanted):
    name = bucket()
    s3.put_object(Bucket=name, Key="k", Body=b"x", Metadata=said)
    same(s3.get_object(Bucket=name, Key="k")["Metadata"], wanted)
    s3.put_object(Bucket=name, Key="k", Body=b"x", Metadata={"new": "1"})
    same(s3.get_object(Bucket=name, Key="k")["Metadata"], {"new": "1"})


@case("more than 2 KiB of user metadata is too much")
def too_much():
    refused(400, "MetadataTooLarge", s3.put_object, Bucket=bucket(), Key="k", Body=b"x", Metadata={"m": "x" * 2048})


@table("any text is a key", [("with blanks ",), ("a/../b",), ("./a",), ("//",), ("a//b",), ("%41",), ("a+b&c=d?e#f",), ("ñandú/日本/🗝",), ("\n\t",), ("'\"<>&;",), ("k" * 1024,), ("\u0007bell",)])
def keys(key):
    name = bucket()
    s3.put_object(Bucket=name, Key=key, Body=b"x")
    same(read(name, key), b"x")
    same([entry["Key"] for entry in s3.list_objects_v2(Bucket=name)["Contents"]], [key])
    s3.delete_object(Bucket=name, Key=key)
    same(s3.list_objects_v2(Bucket=name)["KeyCount"], 0)


@table("no key is", [("k" * 1025, "KeyTooLongError")])
def no_key(key, code):
    refused(400, code, s3.put_object, Bucket=bucket(), Key=key, Body=b"x")


ranges = [
    ("bytes=4-7", 206, b"4567", "bytes 4-7/11"),
    ("bytes=0-0", 206, b"0", "bytes 0-0/11"),
    ("bytes=4-", 206, b"456789a", "bytes 4-10/11"),
    ("bytes=-7", 206, b"456789a", "bytes 4-10/11"),
    ("bytes=-70", 206, b"0123456789a", "bytes 0-10/11"),
    ("bytes=4-400", 206, b"456789a", "bytes 4-10/11"),
    ("bytes=7-4", 200, b"0123456789a", None),
    ("chars=1-2", 200, b"0123456789a", None),
    ("bytes=0-1,3-4", 200, b"0123456789a", None),
]


@table("a range gives just that", ranges)
def some(asked, status, body, told):
    name = bucket()
    s3.put_object(Bucket=name, Key="k", Body=b"0123456789a")
    found = s3.get_object(Bucket=name, Key="k", Range=asked)
    same((found["ResponseMetadata"]["HTTPStatusCode"], found["Body"].read(), found.get("ContentRange")), (status, body, told))


@table("a range that begins behind the end is refused", [("bytes=11-20", b"0123456789a"), ("bytes=-0", b"x"), ("bytes=0-4", b"")])
def beyond(asked, body):
    name = bucket()
    s3.put_object(Bucket=name, Key="k", Body=body)
    refused(416, "InvalidRange", s3.get_object, Bucket=name, Key="k", Range=asked)


@case("a large range is read whole")
def large_range():
    name, body = bucket(), bytes(range(256)) * 32_768
    s3.put_object(Bucket=name, Key="k", Body=body)
    found = s3.get_object(Bucket=name, Key="k", Range="bytes=3145728-5242880")
    same(found["Body"].read(), body[3145728:5242881])


overrides = [("ResponseContentType", "foo/bar", "ContentType"), ("ResponseContentDisposition", "bla", "ContentDisposition"), ("ResponseContentEncoding", "aaa", "ContentEncoding"), ("ResponseContentLanguage", "esperanto", "ContentLanguage"), ("ResponseCacheControl", "no-cache", "CacheControl")]


@table("an answer may be told to say otherwise", overrides)
def otherwise(parameter, value, told):
    name = bucket("k")
    same(s3.get_object(Bucket=name, Key="k", **{parameter: value})[told], value)


@case("a reader gets one whole object, whatever is written meanwhile")
def whole():
    name, size = bucket(), 2 * 1024 * 1024
    s3.put_object(Bucket=name, Key="k", Body=b"A" * size)
    answer = s3.get_object(Bucket=name, Key="k")
    first = answer["Body"].read(1024)
    s3.put_object(Bucket=name, Key="k", Body=b"B" * size)
    same(set(first + answer["Body"].read()), {ord("A")})
    same(set(read(name, "k")), {ord("B")})


@case("nothing is seen of an object before all of it has come")
def unseen():
    name, size = bucket(), 3 * 1024 * 1024
    s3.put_object(Bucket=name, Key="k", Body=b"A" * size)
    seen = []

    class Watching(io.BytesIO):
        def read(self, count=-1):
            if self.tell() == size // 2 - (size // 2) % 8192 or not seen:
                seen.append(set(read(name, "k")))
            return super().read(count)

    s3.put_object(Bucket=name, Key="k", Body=Watching(b"B" * size))
    assert {ord("A")} in seen
    same(set(read(name, "k")), {ord("B")})


@case("of two that write at once one wins, whole")
def two():
    name, size = bucket(), 1024 * 1024
    writers = [threading.Thread(target=s3.put_object, kwargs={"Bucket": name, "Key": "k", "Body": letter * size}) for letter in (b"A", b"B")]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    body = read(name, "k")
    same((len(body), len(set(body))), (size, 1))


@table("bytes that are not what was said of them are refused", [
    ({"Content-MD5": "rL0Y20zC+Fzt72VPzMSk2A=="}, 400, "BadDigest"),
    ({"Content-MD5": "YWJyYWNhZGFicmE="}, 400, "InvalidDigest"),
    ({"Content-MD5": " "}, 400, "InvalidDigest"),
    ({"x-amz-checksum-crc32": "AAAAAA=="}, 400, "BadDigest"),
    ({"x-amz-checksum-crc32": "bad"}, 400, "InvalidRequest"),
    ({"x-amz-storage-class": "NO_SUCH_CLASS"}, 400, "InvalidStorageClass"),
    ({"x-amz-server-side-encryption": "aws:kms"}, 501, "NotImplemented"),
    ({"x-amz-object-lock-mode": "GOVERNANCE"}, 501, "NotImplemented"),
])
def lies(said, status, code):
    name = bucket()
    with headers(said):
        refused(status, code, s3.put_object, Bucket=name, Key="k", Body=b"bar")
    same(s3.list_objects_v2(Bucket=name)["KeyCount"], 0)


@case("an object has an owner, and its ACL says so")
def owner():
    name = bucket("k")
    acl = s3.get_object_acl(Bucket=name, Key="k")
    same([grant["Permission"] for grant in acl["Grants"]], ["FULL_CONTROL"])
    same(acl["Grants"][0]["Grantee"]["ID"], acl["Owner"]["ID"])
    s3.put_object_acl(Bucket=name, Key="k", ACL="private")


@table("a presigned URL is good for what was signed", [("s3v4",), ("s3",)])
def urls(version):
    name = bucket("k")
    same(bare("GET", presigned("get_object", version, Bucket=name, Key="k"))[2], b"k")
    put = presigned("put_object", version, Bucket=name, Key="new")
    same(bare("PUT", put, b"hello", {"Content-Type": ""} if version == "s3" else {})[0], 200)
    same(read(name, "new"), b"hello")
    same(bare("DELETE", presigned("get_object", version, Bucket=name, Key="k"))[0], 403)
    same(bare("GET", presigned("get_object", version, Bucket=name, Key="k").replace("/k?", "/new?"))[0], 403)
    if version == "s3":
        same(bare("GET", presigned("get_object", version, seconds=-10, Bucket=name, Key="k"))[0], 403)


@table("attributes are told, without the bytes", [
    (["ETag"], {"ETag"}), (["ObjectSize"], {"ObjectSize"}), (["StorageClass"], {"StorageClass"}),
    (["ETag", "ObjectSize", "StorageClass", "ObjectParts"], {"ETag", "ObjectSize", "StorageClass"}),
])
def attributes(asked, told):
    name = bucket("key")
    found = s3.get_object_attributes(Bucket=name, Key="key", ObjectAttributes=asked)
    same({field for field in found if field in ("ETag", "ObjectSize", "StorageClass", "ObjectParts", "Checksum")}, told)
    same(found.get("ObjectSize", 3), 3)
    refused(404, "NoSuchKey", s3.get_object_attributes, Bucket=name, Key="none", ObjectAttributes=asked)
