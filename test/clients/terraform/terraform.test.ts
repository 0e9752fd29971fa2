/** Terraform itself, with its provider of AWS: `npm run test:terraform` (docs/development.md says what that needs). */
import assert from "node:assert/strict";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { until } from "../../support/until.ts";
import { webhookReceiver } from "../../support/webhooks.ts";
import { type Workshop, workshop } from "../harness.ts";

/** @param inside what the buckets and topics are. */
function configuration({ server }: Workshop, inside: string): string {
  const { accessKeyId, secretAccessKey } = server.credentials;
  return `
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}

provider "aws" {
  region                      = "us-east-1"
  access_key                  = "${accessKeyId}"
  secret_key                  = "${secretAccessKey}"
  skip_credentials_validation = true
  skip_requesting_account_id  = true
  skip_metadata_api_check     = true
  s3_use_path_style           = true
  endpoints {
    s3  = "${server.s3Url}"
    sns = "${server.s3Url}"
  }
}

resource "aws_s3_bucket" "photos" {
  bucket        = "photos"
  force_destroy = true
}
${inside}`;
}

/** @param url where the topic goes. */
function topicTo(url: string): string {
  return `
resource "aws_sns_topic" "orders" {
  name = "orders"
  tags = {
    push-endpoint = "${url}"
    team          = "shop"
  }
}

resource "aws_s3_bucket_notification" "photos" {
  bucket = aws_s3_bucket.photos.id
  topic {
    topic_arn     = aws_sns_topic.orders.arn
    events        = ["s3:ObjectCreated:*", "s3:ObjectRemoved:*"]
    filter_prefix = "in/"
  }
}
`;
}

describe("Terraform", () => {
  it("applies, finds nothing to change, and destroys", async () => {
    await using shop = await workshop();
    await using ears = await webhookReceiver();
    const env = { PATH: process.env["PATH"] ?? "", CHECKPOINT_DISABLE: "1", TF_IN_AUTOMATION: "1" };
    const { TF_CLI_CONFIG_FILE: file } = process.env;
    const terraform = async (...args: readonly string[]): Promise<string> => {
      const all = [...args, "-no-color", "-input=false"];
      const own = file === undefined ? env : { ...env, TF_CLI_CONFIG_FILE: file };
      return (await shop.run("terraform", all, { env: own })).toString();
    };
    const says = (path: string) =>
      writeFile(join(shop.home, "main.tf"), configuration(shop, topicTo(`${ears.url}${path}`)));
    await says("/v1");
    await terraform("init");
    assert.match(await terraform("apply", "-auto-approve"), /Resources: 3 added, 0 changed, 0 destroyed/);
    assert.match(await terraform("plan", "-detailed-exitcode"), /No changes/);
    await shop.put("photos", "in/a.txt", "a");
    await until("the test and the record", () => ears.received.length >= 2);
    assert.match(ears.received[1]?.body ?? "", /"key":"in\/a.txt"/);
    await says("/v2");
    assert.match(await terraform("apply", "-auto-approve"), /Resources: 0 added, 1 changed, 0 destroyed/);
    assert.match(await terraform("plan", "-detailed-exitcode"), /No changes/);
    await shop.put("photos", "in/b.txt", "b");
    await until("the record at the other place", () => ears.received.some(({ path }) => path === "/v2"));
    assert.match(await terraform("destroy", "-auto-approve"), /Resources: 3 destroyed/);
    await assert.rejects(shop.server.api("GET", "/api/cloud/destinations/orders/"), /404/);
  });
});
