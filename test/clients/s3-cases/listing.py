"""Lists of objects, by both versions and by versions of objects: what is told, in which order, and where it goes on."""
from kit import bucket, case, client, read, refused, s3, same, table


def v1(name, **asked):
    found = s3.list_objects(Bucket=name, **asked)
    return found, [entry["Key"] for entry in found.get("Contents", [])], prefixes(found)


def v2(name, **asked):
    found = s3.list_objects_v2(Bucket=name, **asked)
    return found, [entry["Key"] for entry in found.get("Contents", [])], prefixes(found)


def versions(name, **asked):
    found = s3.list_object_versions(Bucket=name, **asked)
    return found, [entry["Key"] for entry in found.get("Versions", [])], prefixes(found)


def prefixes(found):
    return [entry["Prefix"] for entry in found.get("CommonPrefixes", [])]


# The same questions of all three: keys, what is asked, and the keys and common prefixes that must be told.
questions = [
    ("nothing there", [], {}, [], []),
    ("all, in order of bytes", ["b", "a", "a/b", "Z", "é", "a-"], {}, ["Z", "a", "a-", "a/b", "b", "é"], []),
    ("a delimiter", ["a/1", "a/b/2", "c/3", "d"], {"Delimiter": "/"}, ["d"], ["a/", "c/"]),
    ("a letter as the delimiter", ["bar", "baz", "cab", "foo"], {"Delimiter": "a"}, ["foo"], ["ba", "ca"]),
    ("a percent sign as the delimiter", ["b%1", "b%2", "c%1", "d"], {"Delimiter": "%"}, ["d"], ["b%", "c%"]),
    ("a blank as the delimiter", ["b 1", "b 2", "c 1", "d"], {"Delimiter": " "}, ["d"], ["b ", "c "]),
    ("a dot as the delimiter", ["b.1", "b.2", "c.1", "d"], {"Delimiter": "."}, ["d"], ["b.", "c."]),
    ("a line feed as the delimiter", ["a", "b"], {"Delimiter": "\n"}, ["a", "b"], []),
    ("a delimiter of several characters", ["a::1", "a::2", "b:3"], {"Delimiter": "::"}, ["b:3"], ["a::"]),
    ("an empty delimiter", ["a/1", "b"], {"Delimiter": ""}, ["a/1", "b"], []),
    ("a delimiter that no key has", ["a", "b"], {"Delimiter": "/"}, ["a", "b"], []),
    ("a prefix", ["p/1", "p/2", "q"], {"Prefix": "p/"}, ["p/1", "p/2"], []),
    ("a prefix within a name", ["bar", "baz", "foo"], {"Prefix": "ba"}, ["bar", "baz"], []),
    ("an empty prefix", ["a/1", "b"], {"Prefix": ""}, ["a/1", "b"], []),
    ("a prefix that no key has", ["a", "b"], {"Prefix": "c"}, [], []),
    ("a prefix that cannot be read", ["a", "b"], {"Prefix": "\n"}, [], []),
    ("a prefix of signs", ["_1", "_2/3", "a"], {"Prefix": "_"}, ["_1", "_2/3"], []),
    ("a prefix and a delimiter", ["p/1", "p/q/2", "r"], {"Prefix": "p/", "Delimiter": "/"}, ["p/1"], ["p/q/"]),
    ("a prefix within a name and a delimiter", ["bar", "bazar", "cab"], {"Prefix": "ba", "Delimiter": "a"}, ["bar"], ["baza"]),
    ("a delimiter where the prefix is none", ["b/1", "c"], {"Prefix": "d", "Delimiter": "/"}, [], []),
    ("a delimiter that lies in the prefix", ["b/1", "b/2"], {"Prefix": "b/", "Delimiter": "/"}, ["b/1", "b/2"], []),
    ("a prefix that is no folder and a delimiter", ["b/1"], {"Prefix": "/", "Delimiter": "/"}, [], []),
    ("a key that ends with the delimiter", ["f/"], {"Prefix": "f/", "Delimiter": "/"}, ["f/"], []),
    ("folders before and behind signs", ["0/", "0/1", "1", "1/2"], {"Delimiter": "/"}, ["1"], ["0/", "1/"]),
    ("as many as nothing", ["a", "b"], {"MaxKeys": 0}, [], []),
    ("keys and prefixes of signs", ["$d/1", "&a", "'q", "+p"], {"Delimiter": "/"}, ["&a", "'q", "+p"], ["$d/"]),
    ("keys that need an encoding", ["a+b", "c d", "e%20f"], {"EncodingType": "url"}, ["a%2Bb", "c+d", "e%2520f"], []),
]
for how, ask in (("V1", v1), ("V2", v2), ("versions", versions)):

    @table(f"{how} with", questions)
    def tells(_, keys, asked, wanted, common, ask=ask):
        found, told, folders = ask(bucket(*keys), **asked)
        plain = "EncodingType" in asked and told == ["a+b", "c d", "e%20f"]  # Some versions of boto3 decode it.
        assert plain or told == wanted, f"{told}, not {wanted}"
        same(folders, common)
        same(found["IsTruncated"], False)
        for name, value in asked.items():
            assert value == "" or found.get(name) == value, f"{name} is told as {found.get(name)!r}"


@table("both versions page by prefixes and keys", [("V1",), ("V2",)])
def pages(how):
    name = bucket("a", "b/1", "b/2", "c", "d/1")
    told, place = [], {}
    while True:
        if how == "V1":
            found, keys, common = v1(name, Delimiter="/", MaxKeys=1, **place)
            place = {"Marker": found.get("NextMarker")}
        else:
            found, keys, common = v2(name, Delimiter="/", MaxKeys=1, **place)
            same(found["KeyCount"], len(keys) + len(common))
            place = {"ContinuationToken": found.get("NextContinuationToken")}
        told += keys + common
        if not found["IsTruncated"]:
            break
    same(told, ["a", "b/", "c", "d/"])


@case("V1 goes on from a marker, whether it is a key or not")
def markers():
    name = bucket("a", "c", "e")
    for marker, wanted in (("", ["a", "c", "e"]), ("a", ["c", "e"]), ("b", ["c", "e"]), ("z", []), ("\n", ["a", "c", "e"])):
        found, keys, _ = v1(name, Marker=marker)
        same((keys, found["Marker"]), (wanted, marker))


@case("V2 goes on from a start, which a token goes before")
def starts():
    name = bucket("a", "b", "c", "d")
    found, keys, _ = v2(name, StartAfter="b")
    same((keys, found["StartAfter"]), (["c", "d"], "b"))
    first, _, _ = v2(name, StartAfter="a", MaxKeys=1)
    _, keys, _ = v2(name, StartAfter="a", ContinuationToken=first["NextContinuationToken"])
    same(keys, ["c", "d"])
    same(v2(name, StartAfter="blah")[1], ["c", "d"])
    same(v2(name, StartAfter="zzz")[1], [])


@case("V2 tells owners when it is asked to, V1 always")
def owners():
    name = bucket("a")
    for asked, told in (({}, False), ({"FetchOwner": False}, False), ({"FetchOwner": True}, True)):
        same("Owner" in v2(name, **asked)[0]["Contents"][0], told)
    assert v1(name)[0]["Contents"][0]["Owner"]["ID"]


@table("neither takes as many as", [("blah",), ("-1",), ("1.5",)])
def how_many(text):
    name = bucket("a")
    for ask in (s3.list_objects, s3.list_objects_v2):
        refused(400, "InvalidArgument", ask, Bucket=name, MaxKeys=text)


@table("neither takes the encoding", [("base64",), ("URL",)])
def encodings(text):
    name = bucket("a")
    for ask in (s3.list_objects, s3.list_objects_v2):
        refused(400, "InvalidArgument", ask, Bucket=name, EncodingType=text)


@case("V2 takes no token that it has not given")
def tokens():
    name = bucket("a")
    refused(400, "InvalidArgument", s3.list_objects_v2, Bucket=name, ContinuationToken="never given")


@case("entries say what the object says of itself")
def entries():
    name = bucket("a", "b")
    for entry in v1(name)[0]["Contents"]:
        head = s3.head_object(Bucket=name, Key=entry["Key"])
        same((entry["ETag"], entry["Size"]), (head["ETag"], head["ContentLength"]))
        same(entry["LastModified"].replace(microsecond=0), head["LastModified"])
        same(entry["StorageClass"], "STANDARD")


@case("more than a thousand come in pages of a thousand")
def thousands():
    name = bucket(*(f"{number:04}" for number in range(1003)))
    found, keys, _ = v1(name)
    same((len(keys), found["IsTruncated"], found["MaxKeys"]), (1000, True, 1000))
    paginator = s3.get_paginator("list_objects_v2").paginate(Bucket=name, MaxKeys=2000)
    same([len(page["Contents"]) for page in paginator], [1000, 3])


@table("there is no list of a bucket that is not there", [("list_objects",), ("list_objects_v2",), ("list_object_versions",)])
def missing(operation):
    refused(404, "NoSuchBucket", getattr(s3, operation), Bucket="never-made")


@case("keys of every printable sign are told as they are")
def signs():
    keys = [f"sign{chr(code)}" for code in range(32, 127)]
    name = bucket(*keys)
    same(v1(name)[1], sorted(keys))
    same(read(name, "sign?"), b"sign?")


@case("buckets do not show each other's objects")
def apart():
    one, other = bucket("a"), bucket()
    same((v2(one)[1], v2(other)[1]), (["a"], []))


@case("versions are of the one version that an object has, by which it is deleted")
def only_version():
    name = bucket("a")
    s3.put_object(Bucket=name, Key="a", Body=b"again")
    [version] = versions(name)[0]["Versions"]
    same((version["VersionId"], version["IsLatest"], version["Size"]), ("null", True, 5))
    s3.delete_object(Bucket=name, Key="a", VersionId=version["VersionId"])
    same(versions(name)[1], [])
    s3.delete_bucket(Bucket=name)


@case("an older signature makes no list")
def version_2():
    name = bucket("a")
    old = client("s3")
    refused(400, "InvalidRequest", old.list_objects, Bucket=name)
