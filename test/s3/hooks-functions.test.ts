/** Real functions before and after what S3 clients do, in the whole of Signalbox. */
import assert from "node:assert/strict";
import { connect } from "node:net";
import { describe, it } from "node:test";
import {
  CreateBucketCommand,
  DeleteObjectsCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
} from "@aws-sdk/client-s3";
import { type RunningServer, runServer } from "../support/in-process.ts";
import { httpListener } from "../support/listeners.ts";
import { refusal } from "../support/s3.ts";
import { codeOf, head, raw } from "../support/sign.ts";
import { until } from "../support/until.ts";

const Bucket = "alpha";
const put = (Key: string, more: object = {}) => new PutObjectCommand({ Bucket, Key, Body: "hello", ...more });

interface Invocation {
  readonly status: string;
  readonly error: { readonly reason: string } | null;
  readonly result: unknown;
}

interface Subscribed {
  readonly event: string;
  readonly code: string;
  readonly filter?: string;
  readonly timeout_ms?: number;
  readonly egress?: readonly string[];
}

/** Uploads a function and subscribes it; gives a way to see what became of its runs. */
async function subscribed(server: RunningServer, name: string, { event, code, egress = [], ...how }: Subscribed) {
  const fn = await server.api<{ id: number }>("POST", "/api/apps/files/functions/", { name, code, egress });
  await server.api("POST", `/api/cloud/events/${event}/subscribe/`, { function_id: fn.id, ...how });
  return async (): Promise<readonly Invocation[]> => {
    const path = `/api/apps/files/functions/${name}/invocations/`;
    return (await server.api<{ invocations: readonly Invocation[] }>("GET", path)).invocations;
  };
}

async function files(env: Readonly<Record<string, string>> = {}): Promise<RunningServer> {
  const server = await runServer(env);
  await server.api("POST", "/api/apps/", { name: "Files", slug: "files" });
  await server.s3.send(new CreateBucketCommand({ Bucket }));
  return server;
}

describe("functions", () => {
  it("allow, change and deny what is written and deleted, and hear of it afterwards", async () => {
    await using server = await files();
    const { s3 } = server;
    await subscribed(server, "label", {
      event: "PRE_OBJECT_PUT",
      code: `export default ({ params, user }) => params.size > 10
        ? { decision: "deny", message: "at most 10 bytes" }
        : { decision: "allow", patch: { metadata: { by: user.username, draft: null }, tags: { kind: params.content_type } } };`,
    });
    await subscribed(server, "keep", {
      event: "PRE_OBJECT_DELETE",
      code: `export default ({ params }) => params.tags.kind !== "kept" || { decision: "deny", message: "it is kept" };`,
      filter: "WHERE key LIKE 'kept/%'",
    });
    const told = [
      await subscribed(server, "written", { event: "POST_OBJECT_PUT", code: "export default (event) => event;" }),
      await subscribed(server, "removed", { event: "POST_OBJECT_DELETE", code: "export default (event) => event;" }),
    ];
    const heard = async () =>
      (await Promise.all(told.map((look) => look()))).flat().filter(({ status }) => status === "succeeded");
    await s3.send(put("kept/a", { ContentType: "kept", Metadata: { draft: "1", own: "2" } }));
    const { Metadata, TagCount } = await s3.send(new HeadObjectCommand({ Bucket, Key: "kept/a" }));
    assert.deepEqual([Metadata, TagCount], [{ own: "2", by: "admin" }, 1]);
    await until("a function has heard of it", async () => (await heard()).length === 1);
    assert.equal(
      await refusal(s3.send(put("big", { Body: "x".repeat(11) }))),
      "403 AccessDenied: Function 'label' refused PRE_OBJECT_PUT: at most 10 bytes",
    );
    await s3.send(put("other", { ContentType: "kept" }));
    const Objects = ["kept/a", "other"].map((Key) => ({ Key }));
    const { Deleted, Errors } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    assert.deepEqual(
      [Deleted?.map(({ Key }) => Key), Errors?.map(({ Key, Code, Message }) => [Key, Code, Message])],
      [["other"], [["kept/a", "AccessDenied", "Function 'keep' refused PRE_OBJECT_DELETE: it is kept"]]],
    );
    await until("functions have heard of two writes and a delete", async () => (await heard()).length === 3);
    const results = (await heard()).map(({ result }) => result as { event_type: string; params: { key: string } });
    assert.deepEqual(results.map(({ event_type, params }) => `${event_type} ${params.key}`).toSorted(), [
      "POST_OBJECT_DELETE other",
      "POST_OBJECT_PUT kept/a",
      "POST_OBJECT_PUT other",
    ]);
  });

  it("that fail make it unavailable, and are stopped when the client goes away", async () => {
    await using server = await files({ SIGNALBOX_HOOK_CHAIN_S3_MS: "5000" });
    const { s3, credentials } = server;
    const begun = Promise.withResolvers<void>();
    await using receiver = await httpListener((_, response) => {
      begun.resolve();
      response.end();
    });
    const host = `127.0.0.1:${receiver.port}`;
    const runs = await subscribed(server, "slow", {
      event: "PRE_OBJECT_PUT",
      code: `export default async ({ params }) => {
        if (params.key === "throws") throw new Error("not this one");
        if (params.key === "upper") return { decision: "allow", patch: { metadata: { Upper: "x" } } };
        if (params.key === "left") await fetch("http://${host}/");
        await new Promise((resolve) => setTimeout(resolve, 60_000));
      };`,
      timeout_ms: 2000,
      egress: [host],
    });
    assert.equal(
      await refusal(s3.send(put("throws"))),
      "403 AccessDenied: Function 'slow' failed on PRE_OBJECT_PUT: not this one",
    );
    assert.match(
      await refusal(s3.send(put("upper"))),
      /^503 ServiceUnavailable: .*the name "Upper" must be lower-case/,
    );

    const port = Number(new URL(server.s3Url).port);
    const request = (key: string) =>
      head(port, credentials, {
        method: "PUT",
        path: `/${Bucket}/${key}`,
        headers: { "content-length": "5", expect: "100-continue" },
      });
    const [answer] = await raw(port, [request("hangs")]);
    assert.ok(answer);
    assert.deepEqual([answer.status, codeOf(answer)], [503, "ServiceUnavailable"]);
    assert.match(answer.body, /2000 ms/);
    assert.doesNotMatch(answer.all, /100 Continue/);

    const socket = connect(port, "127.0.0.1");
    socket.write(request("left"));
    await begun.promise;
    socket.resetAndDestroy();
    const reasons = async () => (await runs()).map(({ error }) => error?.reason);
    await until("it is cancelled", async () => (await reasons()).includes("cancelled"));
    const { Contents } = await s3.send(new ListObjectsV2Command({ Bucket }));
    assert.equal(Contents, undefined);
  });
});
