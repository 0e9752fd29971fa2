"""Tags of objects."""
from kit import bucket, case, headers, refused, s3, same, table


def tags(count, key=lambda number: str(number), value=lambda number: str(number)):
    return [{"Key": key(number), "Value": value(number)} for number in range(count)]


def put(name, wanted):
    s3.put_object_tagging(Bucket=name, Key="k", Tagging={"TagSet": wanted})


def told(name):
    return s3.get_object_tagging(Bucket=name, Key="k")["TagSet"]


taken = [
    ("none", []),
    ("two", tags(2)),
    ("ten", tags(10)),
    ("the longest", tags(10, lambda number: f"{number}" + "k" * 127, lambda number: "v" * 256)),
    ("every sign", [{"Key": "a b+c-d=e.f_g:h/i@j", "Value": "k l+m-n=o.p_q:r/s@t"}]),
    ("letters of every language", [{"Key": "Größe", "Value": "日本"}]),
    ("empty values", tags(3, value=lambda number: "")),
]


@table("an object has tags", taken)
def has(_, wanted):
    name = bucket("k")
    put(name, wanted)
    same(sorted(told(name), key=str), sorted(wanted, key=str))
    same(s3.head_object(Bucket=name, Key="k")["ResponseMetadata"]["HTTPHeaders"].get("x-amz-tagging-count"), str(len(wanted)) if wanted else None)


refusals = [
    ("eleven", tags(11)),
    ("a key too long", [{"Key": "k" * 129, "Value": "v"}]),
    ("a value too long", [{"Key": "k", "Value": "v" * 257}]),
    ("a key twice", [{"Key": "k", "Value": "1"}, {"Key": "k", "Value": "2"}]),
    ("no key", [{"Key": "", "Value": "1"}]),
    ("a sign that none may have", [{"Key": "k!", "Value": "1"}]),
]


@table("an object has no such tags", refusals)
def has_not(_, wanted):
    name = bucket("k")
    put(name, tags(1))
    refused(400, "InvalidTag", put, name, wanted)
    same(told(name), tags(1))


@case("tags are changed and taken away")
def changed():
    name = bucket("k")
    put(name, tags(2))
    put(name, tags(1))
    same(told(name), tags(1))
    same(s3.delete_object_tagging(Bucket=name, Key="k")["ResponseMetadata"]["HTTPStatusCode"], 204)
    same(told(name), [])


@table("tags come with the object", [("a=1&b=2", tags(2, lambda number: "ab"[number], lambda number: str(number + 1))), ("a=&b%20c=d%26", [{"Key": "a", "Value": ""}, {"Key": "b c", "Value": "d&"}] and None)])
def along(said, wanted):
    name = bucket()
    if wanted is None:
        return refused(400, "InvalidTag", s3.put_object, Bucket=name, Key="k", Body=b"x", Tagging=said)
    s3.put_object(Bucket=name, Key="k", Body=b"x", Tagging=said)
    same(told(name), wanted)
    s3.put_object(Bucket=name, Key="k", Body=b"x")
    same(told(name), [])


@case("there are no tags of an object that is not there")
def missing():
    name = bucket()
    refused(404, "NoSuchKey", told, name)
    refused(404, "NoSuchKey", put, name, tags(1))
    with headers({"x-amz-tagging": "a=1&a=2"}):
        refused(400, "InvalidTag", s3.put_object, Bucket=name, Key="k", Body=b"x")
