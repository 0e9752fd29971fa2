/** Jobs of a platform, from the host interface to their owners: webhooks and mails come of what happens, and to no other user. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { askHost } from "../support/host-listener.ts";
import { runServer } from "../support/in-process.ts";
import { smtpReceiver } from "../support/smtp.ts";
import { until } from "../support/until.ts";
import { webhookReceiver } from "../support/webhooks.ts";

const jobs = 1_000;

it("registers 1,000 jobs in one call, and each event of theirs reaches their owner by webhook and mail", async () => {
  await using smtp = await smtpReceiver();
  await using receiver = await webhookReceiver();
  await using server = await runServer(
    { SIGNALBOX_HOST_LISTEN: "127.0.0.1:0", SIGNALBOX_SMTP_URL: smtp.url, SIGNALBOX_MAIL_CONFIRM: "off" },
    {
      kinds: [
        { name: "order", events: ["SHIPPED"] },
        { name: "visit", events: ["SEEN"] },
      ],
    },
  );
  const made = (principal: string, role: string): Promise<{ readonly token: string }> =>
    server.api("POST", "/api/cloud/tokens/", { principal, role });
  const [{ token: ada }, { token: stranger }] = [await made("ada", "member"), await made("stranger", "member")];
  const { token } = await made("platform", "host");
  const ask = async (method: string, path: string, body?: unknown) => {
    const answer = await askHost(server.signalbox.hostUrl ?? "", {
      method,
      path: `/host/v1/resources/${path}`,
      token,
      body,
    });
    return { status: answer.status, data: answer.json["data"], text: answer.text };
  };
  const subscribe = (as: string, body: object): Promise<Response> =>
    fetch(new URL("/notifications/v2/", server.url), {
      method: "POST",
      headers: { authorization: `Bearer ${as}`, "content-type": "application/json" },
      body: JSON.stringify(body),
    });

  const uuids = Array.from({ length: jobs }, (_, index) => `job-${index}-007`);
  const resources = uuids.map((uuid) => ({
    uuid,
    kind: "job",
    owner: "ada",
    parents: ["cluster-006"],
    data: { name: uuid },
  }));
  await ask("PUT", "cluster-006/", { kind: "system", owner: "admin" });
  await ask("PUT", "cluster-006/grants/*/", { permission: "read" });
  const registered = await ask("POST", "", { resources });
  assert.equal(registered.status, 201, registered.text);

  const [first = ""] = uuids;
  const all = { associatedUuid: "cluster-006", event: "*", persistent: true, url: receiver.url };
  assert.equal((await subscribe(ada, all)).status, 201);
  const mail = { associatedUuid: first, event: "FINISHED", url: "ada@example.com" };
  assert.equal((await subscribe(ada, mail)).status, 201);
  for (const asked of [mail, { ...mail, url: receiver.url }]) {
    assert.equal((await subscribe(stranger, asked)).status, 404, "a stranger knows of no such job");
  }
  // A system that all see: its jobs are still seen by their owner alone.
  assert.equal((await subscribe(stranger, { ...all, url: `${receiver.url}/stranger` })).status, 201);

  const events = uuids.map((uuid) => ({ uuid, event: "FINISHED", data: { status: "FINISHED" } }));
  const raised = await ask("POST", "events/", { events });
  assert.equal(raised.status, 200, raised.text);
  await until("every event came", () => receiver.received.length >= jobs);
  await until("the mail came", () => smtp.received.length === 1);
  assert.deepEqual(new Set(receiver.received.map(({ path }) => path)), new Set(["/"]));
  const ids = new Set(receiver.received.map(({ headers }) => headers["webhook-id"]));
  assert.equal(ids.size, jobs);
  assert.equal((await ask("GET", `${first}/`)).status, 200);

  await ask("PUT", "x-900/", { kind: "order", owner: "ada" });
  const other = await ask("PUT", "x-900/", { kind: "visit", owner: "ada" });
  assert.equal(other.status, 409, "its kind never changes");
});
