"""Copies of objects, and deletes of one and of many."""
from kit import bucket, case, client, other_keys, read, refused, s3, same, table


def copy(source, target, **more):
    return s3.copy_object(Bucket=target[0], Key=target[1], CopySource={"Bucket": source[0], "Key": source[1]}, **more)


@table("a copy has the bytes of its source", [(0,), (1,), (16 * 1024 * 1024,)])
def sizes(size):
    name, body = bucket(), b"x" * size
    s3.put_object(Bucket=name, Key="a", Body=body, ContentType="text/bla")
    answer = copy((name, "a"), (name, "b"))["CopyObjectResult"]
    head = s3.head_object(Bucket=name, Key="b")
    same((head["ContentLength"], head["ContentType"], head["ETag"]), (size, "text/bla", answer["ETag"]))
    same(read(name, "b"), body)


@case("a copy goes into another bucket")
def across():
    one, other = bucket("a"), bucket()
    copy((one, "a"), (other, "b"))
    same(read(other, "b"), b"a")


@case("a copy keeps what is said of its source, or has what is said of it")
def metadata():
    name = bucket()
    s3.put_object(Bucket=name, Key="a", Body=b"x", Metadata={"k": "1"}, ContentType="image/ogg", Tagging="t=1")
    copy((name, "a"), (name, "b"))
    head = s3.head_object(Bucket=name, Key="b")
    same((head["Metadata"], head["ContentType"]), ({"k": "1"}, "image/ogg"))
    copy((name, "a"), (name, "c"), MetadataDirective="REPLACE", Metadata={"j": "2"}, ContentType="audio/mpeg", TaggingDirective="REPLACE", Tagging="u=2")
    head = s3.head_object(Bucket=name, Key="c")
    same((head["Metadata"], head["ContentType"]), ({"j": "2"}, "audio/mpeg"))
    tags = {key: s3.get_object_tagging(Bucket=name, Key=key)["TagSet"] for key in "bc"}
    same(tags, {"b": [{"Key": "t", "Value": "1"}], "c": [{"Key": "u", "Value": "2"}]})


@case("a copy onto itself changes something, or is refused")
def itself():
    name = bucket("a")
    refused(400, "InvalidRequest", copy, (name, "a"), (name, "a"))
    copy((name, "a"), (name, "a"), MetadataDirective="REPLACE", Metadata={"m": "1"})
    same((s3.head_object(Bucket=name, Key="a")["Metadata"], read(name, "a")), ({"m": "1"}, b"a"))


@table("there is no copy of", [("a bucket that is not there", "never-made", "a", "NoSuchBucket"), ("an object that is not there", None, "none", "NoSuchKey")])
def nothing(_, source, key, code):
    name = bucket("a")
    refused(404, code, copy, (source or name, key), (name, "b"))


@case("nobody copies what they may not read")
def not_theirs():
    name = bucket("a")
    other = client(**other_keys)
    theirs = f"{bucket()}-other"
    other.create_bucket(Bucket=theirs)
    refused(404, "NoSuchBucket", other.copy_object, Bucket=theirs, Key="b", CopySource={"Bucket": name, "Key": "a"})


@table("keys with signs are copied", [(" ",), ("_",), ("__",), ("?versionId",), ("a+b",), ("ü/%41",)])
def signs(key):
    name = bucket(key)
    copy((name, key), (name, "copy"))
    same(read(name, "copy"), key.encode())
    copy((name, "copy"), (name, key), MetadataDirective="REPLACE")
    same(read(name, key), key.encode())


@case("what is not there is deleted already")
def deleted():
    name = bucket("a")
    for _ in range(2):
        same(s3.delete_object(Bucket=name, Key="a")["ResponseMetadata"]["HTTPStatusCode"], 204)
    refused(404, "NoSuchBucket", s3.delete_object, Bucket="never-made", Key="a")


def many(name, *keys, quiet=False):
    return s3.delete_objects(Bucket=name, Delete={"Objects": [{"Key": key} for key in keys], "Quiet": quiet})


@case("many are deleted at once, also what is not there")
def at_once():
    name = bucket("a", "b", "c & d", "é")
    answer = many(name, "a", "c & d", "é", "none")
    same(sorted(entry["Key"] for entry in answer["Deleted"]), ["a", "c & d", "none", "é"])
    same([entry["Key"] for entry in s3.list_objects(Bucket=name)["Contents"]], ["b"])
    answer = many(name, "b", "none", quiet=True)
    same((answer.get("Deleted"), answer.get("Errors")), (None, None))
    same(s3.list_objects_v2(Bucket=name)["KeyCount"], 0)


@table("a thousand are deleted at once, and no more", [(1000, None), (1001, (400, "MalformedXML")), (0, (400, "MalformedXML"))])
def how_many(count, answer):
    name = bucket("k0")
    keys = [f"k{number}" for number in range(count)]
    if answer is None:
        same(len(many(name, *keys)["Deleted"]), count)
    else:
        refused(*answer, many, name, *keys)
        same(s3.list_objects_v2(Bucket=name)["KeyCount"], 1)


@case("of many each is deleted on its own conditions")
def own_conditions():
    name = bucket("a", "b")
    objects = [{"Key": "a", "VersionId": "null"}, {"Key": "b", "VersionId": "another"}]
    answer = s3.delete_objects(Bucket=name, Delete={"Objects": objects})
    same(answer["Deleted"], [{"Key": "a", "VersionId": "null"}])
    same([(entry["Key"], entry["Code"]) for entry in answer["Errors"]], [("b", "NoSuchVersion")])
