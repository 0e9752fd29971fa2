"""Checksums that clients send: verified, kept, and told to who asks."""
import base64
import hashlib
import zlib

from kit import bucket, case, headers, refused, s3, same, table

text = b"hello checksums"


def sums(body):
    return {
        "SHA256": base64.b64encode(hashlib.sha256(body).digest()).decode(),
        "SHA1": base64.b64encode(hashlib.sha1(body).digest()).decode(),
        "CRC32": base64.b64encode(zlib.crc32(body).to_bytes(4, "big")).decode(),
    }


algorithms = [("SHA256",), ("SHA1",), ("CRC32",)]


@table("an object keeps its checksum", algorithms)
def keeps(algorithm):
    name, wanted = bucket(), sums(text)[algorithm]
    answer = s3.put_object(Bucket=name, Key="k", Body=text, ChecksumAlgorithm=algorithm)
    same(answer[f"Checksum{algorithm}"], wanted)
    found = s3.get_object(Bucket=name, Key="k", ChecksumMode="ENABLED")
    same((found[f"Checksum{algorithm}"], found["Body"].read()), (wanted, text))
    same(s3.head_object(Bucket=name, Key="k", ChecksumMode="ENABLED")[f"Checksum{algorithm}"], wanted)
    assert f"Checksum{algorithm}" not in s3.head_object(Bucket=name, Key="k")
    attributes = s3.get_object_attributes(Bucket=name, Key="k", ObjectAttributes=["Checksum"])
    same(attributes["Checksum"][f"Checksum{algorithm}"], wanted)


@table("an object with another checksum is refused", algorithms)
def another(algorithm):
    name = bucket()
    with headers({f"x-amz-checksum-{algorithm.lower()}": sums(b"else")[algorithm]}):
        refused(400, "BadDigest", s3.put_object, Bucket=name, Key="k", Body=text)


@table("a part keeps its checksum, and is refused with another", algorithms)
def parts(algorithm):
    name = bucket()
    created = s3.create_multipart_upload(Bucket=name, Key="k", ChecksumAlgorithm=algorithm)
    at = {"Bucket": name, "Key": "k", "UploadId": created["UploadId"], "PartNumber": 1}
    answer = s3.upload_part(**at, Body=text, ChecksumAlgorithm=algorithm)
    same(answer[f"Checksum{algorithm}"], sums(text)[algorithm])
    with headers({f"x-amz-checksum-{algorithm.lower()}": sums(b"else")[algorithm]}):
        refused(400, "BadDigest", s3.upload_part, **at, Body=text)
    done = {"PartNumber": 1, "ETag": answer["ETag"], f"Checksum{algorithm}": sums(text)[algorithm]}
    wrong = {**done, f"Checksum{algorithm}": sums(b"else")[algorithm]}
    complete = {name: value for name, value in at.items() if name != "PartNumber"}
    refused(400, "InvalidPart", s3.complete_multipart_upload, **complete, MultipartUpload={"Parts": [wrong]})
    s3.complete_multipart_upload(**complete, MultipartUpload={"Parts": [done]})


@case("a copy keeps the checksum of its source")
def copied():
    name = bucket()
    s3.put_object(Bucket=name, Key="k", Body=text, ChecksumAlgorithm="SHA256")
    s3.copy_object(Bucket=name, Key="copy", CopySource={"Bucket": name, "Key": "k"})
    same(s3.head_object(Bucket=name, Key="copy", ChecksumMode="ENABLED")["ChecksumSHA256"], sums(text)["SHA256"])
