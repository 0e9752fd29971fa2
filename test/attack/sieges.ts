/** What callers do to the server from outside, with tokens or without: each for as long as it is let. */
import { head } from "../support/sign.ts";
import { again, ask, askApi, dripped, type Siege, unread } from "./siege-kit.ts";
import type { Tenant } from "./tenants.ts";

export interface Besieger {
  readonly name: string;
  /** Before the clock runs, by the attacker's admin; what comes of it is given to {@link lay} in its own process. */
  prepare?(tenant: Tenant, others: (name: string) => Promise<Tenant>): Promise<unknown>;
  lay(siege: Siege): Promise<void>;
}

const get = (path: string, more = ""): string => `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${more}\r\n`;
/** A request as often as fits into so many bytes. */
const times = (request: string, bytes: number): string => request.repeat(Math.floor(bytes / request.length));

/** RE2 has no short cut for it: each character of a text may begin a match that ends fifteen later. */
const costly = "(x|y)*x(x|y){14}z";
const longKey = "xy".repeat(500);

/** Any webhook that is nobody's. */
const url = "https://hooks.example.com/heard";

const outsiders: readonly Besieger[] = [
  {
    name: "pipelined-documents",
    lay: ({ api, signal }) => {
      const bytes = times(get("/openapi.json"), 57 * 1_024);
      return again(14, signal, () => unread(api.port, bytes, signal));
    },
  },
  {
    name: "pipelined-refusals",
    lay: ({ api, s3, signal }) => {
      const refused = times(get("/api/cloud/users/", "Authorization: Bearer wrong\r\n"), 57 * 1_024);
      const unsigned = times(get("/bucket/key"), 57 * 1_024);
      const one = (): Promise<unknown> =>
        Promise.all([unread(api.port, refused, signal), unread(s3.port, unsigned, signal)]);
      return again(8, signal, one);
    },
  },
  {
    name: "health-and-metrics",
    lay: ({ api, signal }) =>
      again(16, signal, () =>
        Promise.all([
          ask(api.port, { method: "GET", path: "/healthz" }, signal),
          ask(api.port, { method: "GET", path: "/metrics" }, signal),
        ]),
      ),
  },
  {
    name: "dripping-bodies",
    lay: async ({ api, s3, signal }) => {
      const put = "PUT /bucket/key HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000000\r\n\r\n";
      const post =
        "POST /api/cloud/users/ HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 1000000\r\n\r\n";
      const slow = { everyMs: 500, signal };
      await Promise.all([
        again(200, signal, () => dripped(s3.port, put, slow)),
        again(100, signal, () => dripped(api.port, post, slow)),
      ]);
    },
  },
  {
    name: "bodies-in-bytes",
    lay: ({ api, s3, signal }) => {
      const head = "POST /any HTTP/1.1\r\nHost: 127.0.0.1\r\nTransfer-Encoding: chunked\r\n\r\n";
      const bytes = head + "1\r\nx\r\n".repeat(200_000);
      return again(30, signal, () => Promise.all([unread(api.port, bytes, signal), unread(s3.port, bytes, signal)]));
    },
  },
  {
    name: "idle-connections",
    lay: ({ api, s3, signal }) =>
      again(1_000, signal, () =>
        Promise.all([unread(api.port, "GET / HT", signal), unread(s3.port, "GET / HT", signal)]),
      ),
  },
];

const members: readonly Besieger[] = [
  {
    name: "unread-lists",
    lay: ({ s3, signal }) => {
      const list = head(s3.port, s3.credentials, { method: "GET", path: `/${s3.bucket}`, query: { "list-type": "2" } });
      return again(4, signal, () => unread(s3.port, times(list, 256 * 1_024), signal));
    },
  },
  {
    name: "costly-filters",
    prepare: async (tenant) => {
      const path = `/api/cloud/buckets/${tenant.name}-bucket/notifications/`;
      // One that costs too much is refused; then there are fewer.
      for (let rule = 0; rule < 100; rule += 1) {
        await tenant.ask("POST", path, { url, filter: `WHERE key REGEXP "${costly}${rule}"` });
      }
    },
    lay: (siege) => {
      const { s3, signal } = siege;
      return again(2, signal, async () => {
        const key = `${longKey}${Math.floor(performance.now())}`.slice(0, 1_024);
        const put = head(s3.port, s3.credentials, {
          method: "PUT",
          path: `/${s3.bucket}/${key}`,
          headers: { "content-length": "0" },
        });
        await ask(s3.port, parsed(put), signal);
      });
    },
  },
  {
    name: "costly-searches",
    prepare: async (tenant) => {
      const { users } = await tenant.api<{ readonly users: readonly { readonly uuid: string }[] }>(
        "GET",
        "/api/cloud/users/",
      );
      const associatedUuid = users[0]?.uuid;
      for (let number = 0; number < 600; number += 1) {
        const body = { associatedUuid, event: "CONTENT_CHANGED", persistent: true, url: `${url}?${longKey}${number}` };
        await tenant.ask("POST", "/notifications/v2/", body);
      }
    },
    lay: (siege) => {
      const search = `/notifications/v2/?url.rlike=${encodeURIComponent(costly)}`;
      return again(8, siege.signal, () => askApi(siege, "GET", search));
    },
  },
  {
    name: "costly-checks",
    lay: (siege) => {
      const path = `/api/cloud/buckets/${siege.s3.bucket}/notifications/check/`;
      const filter = `WHERE ${Array.from({ length: 5 }, (_, n) => `key REGEXP "${costly}${n}"`).join(" OR ")}`;
      return again(8, siege.signal, () => askApi(siege, "POST", path, { filter }));
    },
  },
  {
    name: "long-forms",
    lay: (siege) => {
      const { api, signal } = siege;
      const part = (n: number): string => `--b\r\nContent-Disposition: form-data; name="f${n}"\r\n\r\n1\r\n`;
      const body = `${Array.from({ length: 15_000 }, (_, n) => part(n)).join("")}--b--\r\n`;
      const headers = { authorization: `Bearer ${api.token}`, "content-type": "multipart/form-data; boundary=b" };
      return again(4, signal, () =>
        ask(api.port, { method: "POST", path: "/notifications/v2/", headers, body }, signal),
      );
    },
  },
  {
    name: "unknown-properties",
    lay: (siege) => {
      const body = Object.fromEntries(Array.from({ length: 90_000 }, (_, n) => [`p${n}`, 1]));
      return again(4, siege.signal, () => askApi(siege, "POST", "/api/cloud/users/", body));
    },
  },
  {
    name: "long-documents",
    lay: ({ s3, signal }) => {
      const xml = `<Delete>${"<Object><Key>k</Key></Object>".repeat(70_000)}</Delete>`;
      const headers = { "content-length": String(xml.length) };
      const path = `/${s3.bucket}`;
      const signed = (): string =>
        head(s3.port, s3.credentials, { method: "POST", path, query: { delete: "" }, headers });
      return again(4, signal, () => ask(s3.port, { ...parsed(signed()), body: xml }, signal));
    },
  },
];

const admins: readonly Besieger[] = [
  {
    name: "costly-schemas",
    prepare: (tenant) => {
      const text = { type: "string", pattern: costly };
      const schema = { type: "object", properties: { text, list: { type: "array", uniqueItems: true, items: text } } };
      return tenant.ask("PUT", "/api/cloud/users/schema/", { schema });
    },
    lay: (siege) => {
      let made = 0;
      return again(20, siege.signal, () => {
        made += 1;
        const username = `long-${process.pid}-${made}`;
        const attributes = { text: "xy".repeat(15_000), list: Array.from({ length: 30 }, (_, n) => `${longKey}${n}`) };
        return askApi(siege, "POST", "/api/cloud/users/", { username, email: `${username}@example.com`, attributes });
      });
    },
  },
  {
    name: "sleeping-functions",
    prepare: async (_tenant, others) => {
      const code = "export default () => new Promise((go) => setTimeout(go, 20_000));";
      const made: { readonly token: string; readonly path: string }[] = [];
      for (let number = 0; number < 8; number += 1) {
        const other = await others(`sleeper-${number}`);
        await other.api("POST", "/api/apps/", { name: "Sleep", slug: "sleep" });
        const { slug } = await other.api<{ readonly slug: string }>("POST", "/api/apps/sleep/functions/", {
          name: "Sleep",
          code,
        });
        made.push({ token: other.token, path: `/api/apps/sleep/functions/${slug}/invoke/` });
      }
      return made;
    },
    lay: async ({ api, prepared, signal }) => {
      const sleepers = prepared as readonly { readonly token: string; readonly path: string }[];
      const asleep = sleepers.map(({ token, path }) => {
        const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
        return again(4, signal, () => ask(api.port, { method: "POST", path, headers, body: "{}" }, signal));
      });
      await Promise.all(asleep);
    },
  },
];

export const sieges: readonly Besieger[] = [...outsiders, ...members, ...admins];

/** Method, target and headers of a signed head. */
function parsed(text: string): {
  readonly method: string;
  readonly path: string;
  readonly headers: Record<string, string>;
} {
  const [first = "", ...lines] = text.trimEnd().split("\r\n");
  const [method = "", path = ""] = first.split(" ");
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 1).trim()]),
  );
  return { method, path, headers };
}
