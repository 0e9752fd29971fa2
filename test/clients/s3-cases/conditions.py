"""Conditions on reads, writes, copies and deletes."""
import datetime

from kit import bucket, case, headers, read, refused, s3, same, table

before = datetime.datetime(1994, 9, 24, tzinfo=datetime.timezone.utc)
after = datetime.datetime(2100, 9, 24, tzinfo=datetime.timezone.utc)
no_tag = '"ABCORZ"'


def tag(name, key="k"):
    return s3.head_object(Bucket=name, Key=key)["ETag"]


# For None the object's own ETag stands.
reads = [
    ("its own ETag", {"IfMatch": None}, 200),
    ("another ETag", {"IfMatch": no_tag}, 412),
    ("any", {"IfMatch": "*"}, 200),
    ("not its own ETag", {"IfNoneMatch": None}, 304),
    ("not another ETag", {"IfNoneMatch": no_tag}, 200),
    ("none", {"IfNoneMatch": "*"}, 304),
    ("changed since long ago", {"IfModifiedSince": before}, 200),
    ("not changed since long ago", {"IfUnmodifiedSince": before}, 412),
    ("not changed since tomorrow", {"IfUnmodifiedSince": after}, 200),
    ("its own ETag, though it changed", {"IfMatch": None, "IfUnmodifiedSince": before}, 200),
    ("another ETag, though it did not change", {"IfNoneMatch": no_tag, "IfModifiedSince": after}, 200),
]
for operation in ("get_object", "head_object"):

    @table(f"{operation} on condition of", reads)
    def reading(_, conditions, status, operation=operation):
        name = bucket("k")
        asked = {field: tag(name) if value is None else value for field, value in conditions.items()}
        if status == 200:
            same(getattr(s3, operation)(Bucket=name, Key="k", **asked)["ContentLength"], 1)
        else:
            get = operation == "get_object" and status != 304
            refused(status, "PreconditionFailed" if get else None, getattr(s3, operation), Bucket=name, Key="k", **asked)


@case("what has not changed since it did is told so")
def unchanged():
    name = bucket("k")
    when = s3.head_object(Bucket=name, Key="k")["LastModified"]
    refused(304, None, s3.get_object, Bucket=name, Key="k", IfModifiedSince=when)
    same(s3.get_object(Bucket=name, Key="k", IfUnmodifiedSince=when)["ContentLength"], 1)


writes = [
    ("the very one", {"If-Match": None}, None),
    ("another", {"If-Match": no_tag}, (412, "PreconditionFailed")),
    ("none, where there is one", {"If-None-Match": "*"}, (412, "PreconditionFailed")),
]




def multipart(name, key):
    upload = s3.create_multipart_upload(Bucket=name, Key=key)["UploadId"]
    part = s3.upload_part(Bucket=name, Key=key, UploadId=upload, PartNumber=1, Body=b"new")
    parts = [{"PartNumber": 1, "ETag": part["ETag"]}]
    yield
    s3.complete_multipart_upload(Bucket=name, Key=key, UploadId=upload, MultipartUpload={"Parts": parts})


def writing(how, name, key, said):
    """Only the last request carries the conditions."""
    if how == "multipart":
        steps = multipart(name, key)
        next(steps)
        with headers(said):
            next(steps, None)
        return
    if how == "copy":
        s3.put_object(Bucket=name, Key="source", Body=b"new")
        with headers(said):
            s3.copy_object(Bucket=name, Key=key, CopySource={"Bucket": name, "Key": "source"})
        return
    with headers(said):
        s3.put_object(Bucket=name, Key=key, Body=b"new")


for how in ("put", "copy", "multipart"):

    @table(f"{how} on condition of an object that is", writes)
    def over(_, said, answer, how=how):
        name = bucket("k")
        said = {field: tag(name) if value is None else value for field, value in said.items()}
        if answer is None:
            writing(how, name, "k", said)
            same(read(name, "k"), b"new")
        else:
            refused(*answer, writing, how, name, "k", said)
            same(read(name, "k"), b"k")

    @table(f"{how} where nothing is, on condition of", [("none", {"If-None-Match": "*"}, None), ("one", {"If-Match": no_tag}, (404, "NoSuchKey"))])
    def fresh(_, said, answer, how=how):
        name = bucket()
        if answer is None:
            writing(how, name, "k", said)
            same(read(name, "k"), b"new")
        else:
            refused(*answer, writing, how, name, "k", said)


sources = [
    ("its own ETag", {"CopySourceIfMatch": None}, True),
    ("another ETag", {"CopySourceIfMatch": no_tag}, False),
    ("not its own ETag", {"CopySourceIfNoneMatch": None}, False),
    ("not another ETag", {"CopySourceIfNoneMatch": no_tag}, True),
    ("changed since long ago", {"CopySourceIfModifiedSince": before}, True),
    ("not changed since long ago", {"CopySourceIfUnmodifiedSince": before}, False),
]


@table("a copy on condition that its source is", sources)
def copying(_, conditions, goes):
    name = bucket("k")
    asked = {field: tag(name) if value is None else value for field, value in conditions.items()}
    asked |= {"Bucket": name, "Key": "copy", "CopySource": {"Bucket": name, "Key": "k"}}
    if goes:
        s3.copy_object(**asked)
        same(read(name, "copy"), b"k")
    else:
        refused(412, "PreconditionFailed", s3.copy_object, **asked)


@table("a delete on condition of", [
    ("its own ETag", lambda name: {"If-Match": tag(name)}, True),
    ("another ETag", lambda name: {"If-Match": no_tag}, False),
    ("its own size", lambda name: {"x-amz-if-match-size": "1"}, True),
    ("another size", lambda name: {"x-amz-if-match-size": "7"}, False),
    ("its own time", lambda name: {"x-amz-if-match-last-modified-time": s3.head_object(Bucket=name, Key="k")["LastModified"].strftime("%a, %d %b %Y %H:%M:%S GMT")}, True),
    ("another time", lambda name: {"x-amz-if-match-last-modified-time": "Sat, 24 Sep 1994 00:00:00 GMT"}, False),
])
def deleting(_, said, goes):
    name = bucket("k")
    with headers(said(name)):
        if goes:
            s3.delete_object(Bucket=name, Key="k")
        else:
            refused(412, "PreconditionFailed", s3.delete_object, Bucket=name, Key="k")
    same(s3.list_objects_v2(Bucket=name)["KeyCount"], 0 if goes else 1)
