/**
 * The examples of the API's document: a walk through the whole API, in order, on a clock that stands still, and what was asked and answered
 * the first time that each operation was used in it.
 */
import assert from "node:assert/strict";
import type { Examples } from "../../src/faces/http/openapi-operation.ts";
import { keptMailer } from "../../src/mail/kept.ts";
import type { Mailer } from "../../src/mail/mailer.ts";
import { type Answer, type Asking, type TestApi, testApi } from "./api.ts";
import { fakeInbox } from "./fake-inbox.ts";
import { issuer, issuerName } from "./issuer.ts";
import type { OpenApi } from "./openapi-document.ts";
import { walkEvents } from "./walk/events.ts";
import { walkFunctions } from "./walk/functions.ts";
import { walkIdentities } from "./walk/identities.ts";
import { asideRows, walkInbox } from "./walk/inbox.ts";
import { walkLogins } from "./walk/logins.ts";
import { walkNotifications } from "./walk/notifications.ts";
import { walkObjects } from "./walk/objects.ts";
import { walkUsers } from "./walk/users.ts";

export interface Walk {
  readonly api: TestApi;
  readonly mailer: Mailer;
  /** Asks, and keeps what was asked and answered as the operation's example if it is the first. Gives what `data` or `result` is. */
  readonly tell: (method: string, path: string, body?: unknown, asking?: Asking) => Promise<Told>;
}

export type Told = Readonly<Record<string, unknown>>;

export async function recordedExamples(): Promise<Examples> {
  let mailer: Mailer | undefined;
  const login = { id: "acme", label: "Acme", client_id: "signalbox" };
  await using api = await testApi({
    jwtIssuers: [issuer({ jwks_url: `${issuerName}/jwks`, login })],
    inbox: fakeInbox(asideRows),
    keptMails: (store, clock) => {
      mailer = keptMailer({ store, from: "Signalbox <signalbox@example.org>", clock });
    },
  });
  assert.ok(mailer);
  await using mails = mailer;
  const { paths } = JSON.parse((await api.ask("GET", "/openapi.json")).text) as OpenApi;
  const patterns = Object.entries(paths)
    .map(([path, operations]) => ({ pattern: new RegExp(`^${path.replaceAll(/\{\w+\}/g, "[^/]+")}$`), operations }))
    // `/users/schema/` is no user.
    .toSorted((one, other) => other.pattern.source.split("[").length - one.pattern.source.split("[").length)
    .toReversed();
  const found = new Map<string, { readonly request?: unknown; readonly answer: unknown }>();
  const tell = async (method: string, path: string, body?: unknown, asking?: Asking): Promise<Told> => {
    const answer = await api.ask(method, path, body, asking);
    assert.ok(answer.status < 300, `${method} ${path} answered ${answer.text}`);
    const at = patterns.find(({ pattern }) => pattern.test(path.split("?", 1)[0] ?? ""));
    const id = at?.operations[method.toLowerCase()]?.operationId;
    assert.ok(id !== undefined, `${method} ${path} is documented`);
    const whole = contentOf(answer);
    const request = body === undefined ? {} : { request: shown(body) };
    if (!found.has(id)) found.set(id, { ...request, answer: shown(whole) });
    return typeof whole === "string" ? {} : ((whole["data"] ?? whole["result"]) as Told);
  };
  const walk: Walk = { api, mailer: mails, tell };
  await tell("GET", "/healthz", undefined, { token: "" });
  await tell("GET", "/readyz", undefined, { token: "" });
  await tell("GET", "/metrics", undefined, { token: "" });
  await walkIdentities(walk);
  await walkObjects(walk);
  await walkFunctions(walk);
  await walkUsers(walk);
  await walkNotifications(walk);
  await walkLogins(walk);
  await walkEvents(walk);
  await walkInbox(walk);
  api.deps.cluster.introduce({ version: "1.4.0", address: "http://signalbox-0:8080" });
  await tell("GET", "/api/cloud/nodes/");
  return Object.fromEntries([...found].toSorted(([one], [other]) => (one < other ? -1 : 1)));
}

function contentOf({ text }: Answer): Told | string {
  return text.startsWith("{") ? (JSON.parse(text) as Told) : text;
}

const secrets = /^(token|secret_access_key|password|signing_secret|signingSecret)$/;
/** Of matching: what a machine took. */
const measured = /^(spent_ms|waited_ms)$/;

/** Of a link to log in. */
const login = /#code=[A-Za-z0-9_-]{43}/g;
/** Cursors are sealed, each time anew. */
const cursors = /_cursor$/;
const codeForm = /^[A-Za-z0-9_-]{43}$/;
/** Of server-sent events: likewise. */
const places = /^id: .*$/gm;
/** Of the parts of a mail: random. */
const boundary = /_NmP-[0-9a-f]+/g;

/** Without secrets, and what no two runs have alike. */
function shown(value: unknown): unknown {
  return JSON.parse(
    JSON.stringify(value, (name, held: unknown) => {
      if (typeof held === "string" && secrets.test(name)) return `${/^(whsec_|sbx_)/.exec(held)?.[0] ?? ""}EXAMPLE`;
      if (typeof held === "string" && cursors.test(name)) return "EXAMPLE";
      if (name === "code" && typeof held === "string" && codeForm.test(held)) return "EXAMPLE";
      if (typeof held === "string")
        return held
          .replaceAll(login, "#code=EXAMPLE")
          .replaceAll(boundary, "_NmP-EXAMPLE")
          .replaceAll(places, "id: EXAMPLE");
      if (typeof held === "number" && measured.test(name)) return 0;
      return held;
    }),
  );
}
