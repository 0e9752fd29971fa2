/** What strangers write, on every screen that shows it: it is text, all of it is there, and nothing of it holds the page up. */
import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "node:test";
import { CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { type RunningServer, runServer } from "../support/in-process.ts";
import { until } from "../support/until.ts";
import { type Visitor, visitor } from "./visitor.ts";

const bucket = "photos";
const corpus = [
  '<img src=x onerror="window.ran=1">',
  "</script><script>window.ran=1</script>",
  "javascript:window.ran=1",
  "__proto__",
  "constructor",
  "\u202etxt.exe",
  "zero\u200bwidth\ufeff",
  "{{constructor.constructor('window.ran=1')()}}${7*7}#{7*7}<%= 7*7 %>",
  "' OR 1=1 --",
  "\u0000\u001b[31mred",
] as const;
const longKey = `${"k".repeat(1_020)}.txt`;
const bigNumber = "123456789012345678901234567890";
const deep = `${"[".repeat(10_000)}${"]".repeat(10_000)}`;
/** On screens that are no more than a list of the like. */
const mostOfOneKind = 2;
const mostScreens = 80;
const longestTaskMs = 200;
/** Notes the page's long tasks, and how long the same computation took each time: what differs there is the machine's. */
const watch = `
  window.longTasks = [];
  window.paces = [];
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) longTasks.push(duration);
  }).observe({ type: "longtask", buffered: true });
  window.pace = () => {
    const beganMs = performance.now();
    for (let step = 0, sum = 0; step < 5e6; step += 1) sum += step % 7;
    paces.push(performance.now() - beganMs);
  };
`;

/** What came back of a request that may be refused for its text, but must not fail. */
async function allowed<T>(made: Promise<T>): Promise<T | undefined> {
  return made.catch((thrown: unknown) => {
    assert.match(String(thrown), /answered with 4\d\d/);
    return undefined;
  });
}

describe("text of strangers", () => {
  let server: RunningServer;
  let receiver: ReturnType<typeof createServer>;
  before(async () => {
    server = await runServer();
    let answered = 0;
    receiver = createServer((request, response) => {
      request.resume();
      const [text = ""] = [corpus[answered % corpus.length]];
      answered += 1;
      const bodies = [
        Buffer.from(text),
        Buffer.alloc(10_000_000, "<b>"),
        Buffer.from([0xff, 0xfe, 0xc3, 0x28, 0x00]),
        Buffer.from(deep),
        Buffer.from(`{"n": ${bigNumber}}`),
      ];
      response.writeHead(500, {
        "content-type": "text/html",
        "x-hostile": encodeURIComponent(text),
        "x-plain": "<script>window.ran=1</script>",
      });
      response.end(bodies[answered % bodies.length]);
    });
    receiver.listen(0, "127.0.0.1");
    await until("it listens", () => receiver.listening);
    const url = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/`;
    await server.s3.send(new CreateBucketCommand({ Bucket: bucket }));
    await server.api("POST", `/api/cloud/buckets/${bucket}/notifications/`, {
      url,
      max_retries: 0,
      filter: `WHERE key != "${corpus[6].slice(0, 4)}<img src=x onerror=window.ran=1>"`,
    });
    let stored = 0;
    for (const Key of [...corpus, longKey, "a/<b>/c"]) {
      const Metadata = { hostile: "<img src=x onerror=window.ran=1>", proto: "__proto__" };
      const put = new PutObjectCommand({
        Bucket: bucket,
        Key,
        Body: deep,
        Metadata,
        Tagging: `tag=${encodeURIComponent("__proto__")}`,
      });
      if ((await server.s3.send(put).catch(() => undefined)) !== undefined) stored += 1;
    }
    assert.ok(stored >= corpus.length, `${stored} objects`);
    for (const [index, text] of corpus.entries()) {
      const attributes = JSON.stringify({ [text]: text, nested: { [text]: [text] } });
      await allowed(
        server.api("POST", "/api/cloud/users/", {
          username: `${index} ${text}`,
          first_name: text,
          last_name: text,
          attributes: JSON.parse(attributes) as unknown,
        }),
      );
      await allowed(server.api("POST", "/api/cloud/tokens/", { principal: text, role: "member", label: text }));
      await allowed(server.api("POST", "/api/cloud/tenants/", { id: `tenant-${index}`, name: text }));
      await allowed(server.api("POST", "/api/apps/", { name: text }));
      await allowed(server.api("POST", "/api/cloud/access-keys/", { label: text }));
    }
    await program(server);
    await until("all has failed", async () => {
      const path = "/api/cloud/deliveries/?status=dead&limit=100";
      const { deliveries } = await server.api<{ deliveries: readonly unknown[] }>("GET", path);
      return deliveries.length >= stored;
    });
  });
  after(async () => {
    receiver.close();
    receiver.closeAllConnections();
    await server[Symbol.asyncDispose]();
  });

  /** What is wrong with what is shown now. */
  const faults = ({ page }: Visitor): Promise<string[]> =>
    page.evaluate<string[]>(`(() => {
      const found = [];
      if (Object.hasOwn(window, "ran")) found.push("it ran");
      if ({}.polluted !== undefined) found.push("the prototype was changed");
      for (const one of document.querySelectorAll("img:not(.cm-widgetBuffer),iframe,object,embed,body script,[onerror],[onclick],[style*=expression]")) found.push("an element: " + one.outerHTML.slice(0, 100));
      for (const { href } of document.querySelectorAll("a[href]")) if (!/^(https?|blob):/.test(href)) found.push("a link: " + href.slice(0, 100));
      const hidden = /[\\u202a-\\u202e\\u2066-\\u2069\\u200b\\u200e\\u200f\\ufeff]/.exec(document.body.innerText + document.title);
      if (hidden !== null) found.push("hidden characters are not shown: " + hidden[0].codePointAt(0).toString(16));
      return found;
    })()`);

  /** An address without what differs between things of one kind. */
  const kindOf = (href: string): string => {
    const { pathname, searchParams } = new URL(href);
    const steps = pathname.split("/").map((step) => (/[0-9a-f]{8}-|%/i.test(step) || step.length > 60 ? "*" : step));
    return `${steps.join("/")}?${[...searchParams.keys()].sort().join("&")}`;
  };

  /** Where no link of the overview leads, or only far down. */
  const beginnings = [`buckets/${bucket}/objects`, "events", "operations", "live", "functions/hostile/teller/runs"];

  it("is text on every screen, and holds none up", async () => {
    await using seen = await visitor(server);
    const { page } = seen;
    page.on("dialog", () => assert.fail("a dialog was opened"));
    await page.addInitScript(watch);
    await seen.logIn(server.token);
    const wanted = ["", ...beginnings].map((path) => new URL(`/dashboard/t/default/${path}`, server.url).href);
    const kinds = new Map<string, number>();
    const visited: string[] = [];
    const longest: string[] = [];
    const paces: number[] = [];
    for (let href = wanted.shift(); href !== undefined && visited.length < mostScreens; href = wanted.shift()) {
      const kind = kindOf(href);
      const times = (kinds.get(kind) ?? 0) + 1;
      kinds.set(kind, times);
      if (times > mostOfOneKind) continue;
      visited.push(href);
      await page.goto(href);
      await page.locator("h1").first().waitFor();
      await page.waitForLoadState("load");
      await page.locator("[aria-busy=true]").first().waitFor({ state: "detached" });
      // What was sent and what came back, the text of mails, and the like.
      for (const more of await page.getByRole("button", { name: /^Show / }).all()) await more.click();
      await page.evaluate("for (const one of document.querySelectorAll('main details')) one.open = true");
      await page.locator("[aria-busy=true]").first().waitFor({ state: "detached" });
      const { tasks, own } = await page.evaluate<{ tasks: readonly number[]; own: readonly number[] }>(
        "(pace(), pace(), pace(), { tasks: longTasks, own: paces })",
      );
      paces.push(...own);
      longest.push(...tasks.filter((ms) => ms > longestTaskMs).map((ms) => `${Math.round(ms)} ms at ${href}`));
      assert.deepEqual(await faults(seen), [], href.slice(0, 200));
      assert.deepEqual(seen.problems(), [], href.slice(0, 200));
      const links = await page.evaluate<string[]>(
        "[...document.querySelectorAll(\"a[href*='/dashboard/t/default']\")].map(({ href }) => href)",
      );
      wanted.push(...links.filter((link) => !visited.includes(link) && !wanted.includes(link)));
    }
    const slowness = Math.max(...paces) / Math.min(...paces);
    const beyond = longest.filter((said) => Number.parseInt(said, 10) > longestTaskMs * slowness);
    assert.deepEqual(beyond, [], `the machine was up to ${slowness.toFixed(1)} times slower than at its best`);
    assert.ok(visited.length > 20, `${visited.length} screens`);
  });

  it("is text in mails, in a sheet over the screen", async () => {
    await using seen = await visitor(server);
    await seen.logIn(server.token);
    await seen.open("t/default/mails");
    await seen.page.getByRole("table", { name: "Mails" }).getByRole("button").first().click();
    for (const part of ["Text", "Source"]) {
      await seen.page.getByRole("dialog").getByRole("radio", { name: part }).check();
      await seen.settled();
      assert.deepEqual(await faults(seen), [], part);
    }
  });

  it("keeps its digits and its characters", async () => {
    await using seen = await visitor(server);
    await seen.logIn(server.token);
    // What a receiver answered is shown as it came, and not read.
    const path = "/api/cloud/deliveries/?status=dead&limit=100";
    const { deliveries } = await server.api<{ deliveries: readonly { id: string }[] }>("GET", path);
    const answers: string[] = [];
    for (const { id } of deliveries.slice(0, 5)) {
      await seen.open(`t/default/deliveries/${id}`);
      const answer = seen.page.getByRole("region", { name: "The answer's body" });
      await answer.waitFor();
      answers.push(await answer.innerText());
    }
    assert.ok(
      answers.some((answer) => answer.includes(`{"n": ${bigNumber}}`)),
      "the digits of an answer",
    );
    await seen.open(`t/default/buckets/${bucket}/objects`);
    await seen.page.getByText(corpus[0], { exact: true }).first().waitFor();
    await seen.page.getByText("\\u202etxt.exe").first().waitFor();
    await seen.open("t/default/functions/hostile/teller/runs");
    await seen.click("link", "INVOKE");
    await seen.page.getByText(bigNumber).first().waitFor();
  });
});

/** A function whose name, logs, results and errors are all of it, asked before users are made, and a mail of it. */
async function program(server: RunningServer): Promise<void> {
  await server.api("POST", "/api/apps/", { name: "Hostile" });
  const texts = JSON.stringify(corpus);
  const { id } = await server.api<{ readonly id: number }>("POST", "/api/apps/hostile/functions/", {
    name: corpus[0],
    slug: "teller",
    code: `const texts = ${texts};
export default (event, { log }) => {
  log("${bigNumber}", ...texts);
  log.error(JSON.stringify(event.params));
  if (event.params.username === "denied") return { decision: "deny", message: texts.join(" "), fields: [{ path: texts[0], message: texts[1] }] };
  if (event.params.username === "thrown") throw new Error(texts.join(" "));
  if (event.event_type === "INVOKE") return { [texts[3]]: texts, digits: "${bigNumber}" };
};`,
  });
  await server.api("POST", "/api/cloud/events/PRE_USER_CREATE/subscribe/", { function_id: id });
  await server.api("POST", "/api/cloud/events/POST_USER_CREATE/subscribe/", { function_id: id });
  for (const username of ["denied", "thrown", "made"]) {
    await allowed(
      server.api("POST", "/api/cloud/users/", { username, first_name: corpus[5], attributes: { [corpus[0]]: corpus } }),
    );
  }
  await server.api("POST", "/api/apps/hostile/functions/teller/invoke/", { params: { [corpus[0]]: corpus } });
  await server.api("POST", "/api/cloud/subscriptions/", {
    face: "notifications",
    event: "*",
    resource: "*",
    target: { type: "email", address: "stranger@example.com" },
  });
}
