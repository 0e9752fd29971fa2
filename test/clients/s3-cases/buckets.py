"""Buckets: their names, who has them, what is said of them as a whole."""
from botocore.handlers import validate_bucket_name
from kit import bare, bucket, case, client, headers, numbers, other_keys, refused, s3, same, table

names_that_are_none = [
    ("ab", "too short"),
    ("a" * 64, "too long"),
    ("UPPER-case", "in upper case"),
    ("under_score", "with an underscore"),
    ("-begins", "that begins with a hyphen"),
    ("ends-", "that ends with a hyphen"),
    (".begins", "that begins with a dot"),
    ("two..dots", "with two dots together"),
    ("dot.-hyphen", "with a hyphen behind a dot"),
    ("hyphen-.dot", "with a dot behind a hyphen"),
    ("192.168.5.123", "that is an address"),
    ("exclaims!", "with a sign"),
]


@table("there is no bucket of the name", names_that_are_none)
def bad_names(name, _):
    odd = client()
    # boto3 itself refuses some of them.
    odd.meta.events.unregister("before-parameter-build.s3", validate_bucket_name)
    refused(400, "InvalidBucketName", odd.create_bucket, Bucket=name)


@table("there may be a bucket of the name", [("a1-{}",), ("0begins-{}",), ("with.dots.{}",), ("with-hyphens-{}",), ("x" * 55 + "-{:07}",), ("x" * 40 + "-{}",)])
def good_names(form):
    name = form.format(next(numbers))
    s3.create_bucket(Bucket=name)
    s3.put_object(Bucket=name, Key="k", Body=b"x")
    same([entry["Key"] for entry in s3.list_objects(Bucket=name)["Contents"]], ["k"])
    s3.delete_object(Bucket=name, Key="k")
    s3.delete_bucket(Bucket=name)


@case("a bucket that is deleted is not there, and may be made anew")
def anew():
    name = bucket()
    s3.delete_bucket(Bucket=name)
    refused(404, None, s3.head_bucket, Bucket=name)
    refused(404, "NoSuchBucket", s3.delete_bucket, Bucket=name)
    s3.create_bucket(Bucket=name)
    s3.head_bucket(Bucket=name)


@case("a bucket that holds something is not deleted")
def holds():
    name = bucket("a")
    refused(409, "BucketNotEmpty", s3.delete_bucket, Bucket=name)
    s3.delete_object(Bucket=name, Key="a")
    s3.delete_bucket(Bucket=name)


@case("nothing is put into a bucket that is not there")
def nowhere():
    refused(404, "NoSuchBucket", s3.put_object, Bucket="never-made", Key="k", Body=b"x")
    refused(404, "NoSuchBucket", s3.create_multipart_upload, Bucket="never-made", Key="k")


@case("somebody else's bucket can neither be made anew nor seen")
def others():
    name = bucket("a")
    other = client(**other_keys)
    refused(409, "BucketAlreadyExists", other.create_bucket, Bucket=name)
    refused(404, "NoSuchBucket", other.list_objects, Bucket=name)
    refused(404, "NoSuchBucket", other.delete_bucket, Bucket=name)
    refused(404, "NoSuchBucket", other.get_object, Bucket=name, Key="a")
    assert name not in [entry["Name"] for entry in other.list_buckets()["Buckets"]]


@case("buckets are listed with their names and times")
def listed():
    name = bucket()
    [entry] = [entry for entry in s3.list_buckets()["Buckets"] if entry["Name"] == name]
    assert entry["CreationDate"]


@table("lists of buckets need a good key", [("unknown", "InvalidAccessKeyId"), ("forged", "SignatureDoesNotMatch")])
def bad_keys(_, code):
    known = s3._request_signer._credentials.access_key
    key_id = "NEVERMADE" if code == "InvalidAccessKeyId" else known
    forged = client(aws_access_key_id=key_id, aws_secret_access_key="wrong")
    refused(403, code, forged.list_buckets)


@table("nobody unknown reaches a bucket", [("GET", ""), ("GET", "/k"), ("PUT", "/k"), ("DELETE", "/k"), ("HEAD", "/k"), ("POST", "?delete")])
def unknown(method, rest):
    status, _, _ = bare(method, f"/{bucket('k')}{rest}", b"x" if method in ("PUT", "POST") else b"")
    same(status, 403)


@case("a bucket lies where everything lies")
def location():
    assert s3.get_bucket_location(Bucket=bucket())["LocationConstraint"] is None


@case("its owner is who was named, or the request is refused")
def expected_owner():
    name = bucket("a")
    owner = s3.get_bucket_acl(Bucket=name)["Owner"]["ID"]
    same(s3.list_objects_v2(Bucket=name, ExpectedBucketOwner=owner)["KeyCount"], 1)
    refused(403, "AccessDenied", s3.list_objects_v2, Bucket=name, ExpectedBucketOwner="somebody-else")


@table("what was never said of a bucket is not there", [
    ("get_bucket_cors", "NoSuchCORSConfiguration"),
    ("get_bucket_tagging", "NoSuchTagSet"),
    ("get_bucket_lifecycle_configuration", "NoSuchLifecycleConfiguration"),
    ("get_bucket_policy", "NoSuchBucketPolicy"),
    ("get_bucket_encryption", "ServerSideEncryptionConfigurationNotFoundError"),
    ("get_public_access_block", "NoSuchPublicAccessBlockConfiguration"),
    ("get_bucket_ownership_controls", "OwnershipControlsNotFoundError"),
    ("get_bucket_website", "NoSuchWebsiteConfiguration"),
    ("get_bucket_replication", "ReplicationConfigurationNotFoundError"),
])
def unsaid(operation, code):
    refused(404, code, getattr(s3, operation), Bucket=bucket())


@table("what is refused is refused by name", [
    ("put_bucket_versioning", {"VersioningConfiguration": {"Status": "Enabled"}}),
    ("put_bucket_lifecycle_configuration", {"LifecycleConfiguration": {"Rules": []}}),
    ("put_bucket_policy", {"Policy": "{}"}),
    ("put_bucket_website", {"WebsiteConfiguration": {"IndexDocument": {"Suffix": "index.html"}}}),
    ("put_bucket_request_payment", {"RequestPaymentConfiguration": {"Payer": "Requester"}}),
])
def named(operation, asked):
    refused(501, "NotImplemented", getattr(s3, operation), Bucket=bucket(), **asked)


@case("tags of a bucket are kept, given back and taken away")
def tags():
    name = bucket()
    wanted = [{"Key": "Hello", "Value": "World"}, {"Key": "and", "Value": "more"}]
    s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": wanted})
    same(s3.get_bucket_tagging(Bucket=name)["TagSet"], wanted)
    s3.delete_bucket_tagging(Bucket=name)
    refused(404, "NoSuchTagSet", s3.get_bucket_tagging, Bucket=name)


@case("rules of CORS are kept, given back and taken away")
def cors():
    name = bucket()
    rules = [{"AllowedMethods": ["GET", "PUT"], "AllowedOrigins": ["*.get", "*.put"]}]
    s3.put_bucket_cors(Bucket=name, CORSConfiguration={"CORSRules": rules})
    same(s3.get_bucket_cors(Bucket=name)["CORSRules"], rules)
    s3.delete_bucket_cors(Bucket=name)
    refused(404, "NoSuchCORSConfiguration", s3.get_bucket_cors, Bucket=name)


@table("a preflight is answered by the origins of a rule", [
    ("foo.suffix", "GET", 200), ("foo.bar", "GET", 403), ("foo.suffix.get", "GET", 403),
    ("startend", "GET", 200), ("start1end", "GET", 200), ("start12end", "GET", 200), ("0start12end", "GET", 403),
    ("prefix", "GET", 200), ("prefix.suffix", "GET", 200), ("bla.prefix", "GET", 403),
    ("foo.put", "PUT", 200), ("foo.put", "GET", 403), ("foo.suffix", "DELETE", 403),
])
def preflights(origin, method, wanted):
    name = bucket()
    rules = [{"AllowedMethods": ["GET"], "AllowedOrigins": [pattern]} for pattern in ("*suffix", "start*end", "prefix*")]
    rules.append({"AllowedMethods": ["PUT"], "AllowedOrigins": ["*.put"], "AllowedHeaders": ["x-amz-*"]})
    s3.put_bucket_cors(Bucket=name, CORSConfiguration={"CORSRules": rules})
    asked = {"Origin": origin, "Access-Control-Request-Method": method}
    status, told, _ = bare("OPTIONS", f"/{name}/k", more=asked)
    same((status, told.get("access-control-allow-origin")), (wanted, origin if wanted == 200 else None))
    same(bare("OPTIONS", f"/{name}/k", more={"Origin": origin})[0], 400)
    if method == "PUT" and wanted == 200:
        for header, answer in (("x-amz-meta-a", 200), ("authorization", 403)):
            same(bare("OPTIONS", f"/{name}/k", more={**asked, "Access-Control-Request-Headers": header})[0], answer)


@case("versioning that was suspended says so")
def suspended():
    name = bucket()
    assert "Status" not in s3.get_bucket_versioning(Bucket=name)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Suspended"})
    same(s3.get_bucket_versioning(Bucket=name)["Status"], "Suspended")


@case("blocks of public access, ownership and encryption are given back as they were said")
def harmless():
    name = bucket()
    block = {"BlockPublicAcls": True, "IgnorePublicAcls": False, "BlockPublicPolicy": True, "RestrictPublicBuckets": False}
    s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=block)
    same(s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"], block)
    rules = {"Rules": [{"ObjectOwnership": "ObjectWriter"}]}
    s3.put_bucket_ownership_controls(Bucket=name, OwnershipControls=rules)
    same(s3.get_bucket_ownership_controls(Bucket=name)["OwnershipControls"], rules)
    default = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}, "BucketKeyEnabled": False}
    s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [default]})
    same(s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"], [default])


@case("notifications of S3's own name destinations, and none that is not there")
def notifications():
    name = bucket()
    s3.put_bucket_notification_configuration(Bucket=name, NotificationConfiguration={})
    topic = {"TopicConfigurations": [{"TopicArn": "arn:aws:sns:us-east-1:1:t", "Events": ["s3:ObjectCreated:*"]}]}
    with headers({"x-amz-skip-destination-validation": "true"}):
        refused(400, "InvalidArgument", s3.put_bucket_notification_configuration, Bucket=name, NotificationConfiguration=topic)
