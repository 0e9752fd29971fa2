"""A topic, a bucket that tells it, and a consumer of the records, as programs for S3 and SNS have them; what it found is printed as JSON."""
import json
import os
import sys
import urllib.parse

import boto3
from botocore.exceptions import ClientError

s3 = boto3.client("s3", endpoint_url=os.environ["S3_URL"])
sns = boto3.client("sns", endpoint_url=os.environ["S3_URL"])


def set_up(bucket, endpoint):
    made = sns.create_topic(Name=bucket, Attributes={"push-endpoint": endpoint, "max_retries": "4"})
    arn = made["TopicArn"]
    wanted = {
        "TopicConfigurations": [
            {
                "Id": "of-boto3",
                "TopicArn": arn,
                "Events": ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"],
                "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "in/"}]}},
            }
        ]
    }
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration=wanted)
    told = s3.get_bucket_notification_configuration(Bucket=bucket)
    return {
        "same": told["TopicConfigurations"] == wanted["TopicConfigurations"],
        "again": sns.create_topic(Name=bucket)["TopicArn"] == arn,
        "retries": sns.get_topic_attributes(TopicArn=arn)["Attributes"]["max_retries"],
        "topics": [topic["TopicArn"] for page in sns.get_paginator("list_topics").paginate() for topic in page["Topics"]],
        "tags": sns.list_tags_for_resource(ResourceArn=arn)["Tags"],
        "publishing": refused(sns.publish, TopicArn=arn, Message="hello"),
        "deleting": refused(sns.delete_topic, TopicArn=arn),
        "missing": refused(sns.get_topic_attributes, TopicArn=arn + "-not"),
    }


def refused(call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        return error.response["Error"]["Code"]
    return None


def consume():
    """What every introduction to notifications of S3 does with one."""
    found = []
    for record in json.load(sys.stdin)["Records"]:
        bucket, key = record["s3"]["bucket"]["name"], urllib.parse.unquote_plus(record["s3"]["object"]["key"])
        body = s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode()
        found.append([record["eventName"], record["s3"]["configurationId"], key, body])
    return found


def take_down(bucket):
    [topic] = s3.get_bucket_notification_configuration(Bucket=bucket)["TopicConfigurations"]
    s3.put_bucket_notification_configuration(Bucket=bucket, NotificationConfiguration={})
    sns.delete_topic(TopicArn=topic["TopicArn"])
    return [topic["TopicArn"] for topic in sns.list_topics()["Topics"]]


print(json.dumps({"set-up": set_up, "consume": consume, "take-down": take_down}[sys.argv[1]](*sys.argv[2:])))
