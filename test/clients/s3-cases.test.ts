import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { pythonWith, type Workshop, workshop } from "./harness.ts";

/**
 * Requests of boto3 and what S3 answers them, case by case: the core of what suites for servers of S3 ask, that is all but
 * what docs/object-notifications.md says is left out on purpose.
 */

const script = fileURLToPath(new URL("./s3-cases/run.py", import.meta.url));

interface Outcome {
  readonly area: string;
  readonly name: string;
  readonly wrong: string | null;
}

async function outcomes(shop: Workshop): Promise<readonly Outcome[]> {
  const { server } = shop;
  const { credentials, s3Url } = server;
  await server.api("POST", "/api/cloud/tokens/", { principal: "other", role: "member" });
  const other = await server.api<{ access_key_id: string; secret_access_key: string }>(
    "POST",
    "/api/cloud/access-keys/",
    {
      principal: "other",
    },
  );
  const env = {
    S3_URL: s3Url,
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_DEFAULT_REGION: "us-east-1",
    OTHER_KEY_ID: other.access_key_id,
    OTHER_SECRET: other.secret_access_key,
    PYTHONDONTWRITEBYTECODE: "1",
  };
  const said = await shop.run(await pythonWith("boto3"), [script], { env });
  return said
    .toString()
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Outcome);
}

describe("the requests of boto3", () => {
  it("are answered as S3 answers them", async (test) => {
    await using shop = await workshop();
    const all = await outcomes(shop);
    for (const { area, name, wrong } of all) {
      await test.test(`${area}: ${name}`, () => assert.equal(wrong, null));
    }
    assert.ok(all.length >= 245, `${all.length} cases`);
  });
});
