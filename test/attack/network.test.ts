/** Functions that look for a way into the network that the server stands in. */
import assert from "node:assert/strict";
import { hostname } from "node:os";
import { describe, it } from "node:test";
import { httpListener, type Listener } from "../support/listeners.ts";
import { assertWell, attacked, type Tenant } from "./tenants.ts";
import { assertTries, type Try } from "./tries.ts";

/** A service of that network, which must hear nothing. */
async function inner(): Promise<Listener> {
  return httpListener((_request, response) => void response.end("internal"), "0.0.0.0");
}

/** However an address is written. */
const addresses = [
  "127.0.0.1",
  "127.1",
  "127.8.8.8",
  "2130706433",
  "0x7f.1",
  "0177.0.0.1",
  "0.0.0.0",
  "[::1]",
  "[::]",
  "[::ffff:127.0.0.1]",
  "[::ffff:7f00:1]",
  "[::127.0.0.1]",
  "[64:ff9b::127.0.0.1]",
  "[64:ff9b:1::7f00:1]",
  "[2002:7f00:1::]",
  "[fe80::1]",
  "[fd00:ec2::254]",
  "169.254.169.254",
  "169.254.170.2",
  "100.100.100.200",
  "168.63.129.16",
  "10.0.0.1",
  "172.16.0.1",
  "192.168.0.1",
  "198.18.0.1",
  "[::ffff:169.254.169.254]",
  "[64:ff9b::a9fe:a9fe]",
  "[2002:a9fe:a9fe::]",
];
/** Names that mean this machine, wherever it is asked. */
const names = ["localhost", "LOCALHOST.", "localhost.localdomain", "ip6-localhost", hostname()];

const fetched = (url: string, init = ""): string =>
  `fetch(${JSON.stringify(url)}${init}).then((answer) => answer.text())`;
const denied = /^threw/;

async function settingsFor(
  tenant: Tenant,
  wanted: readonly string[],
): Promise<{ readonly settings: { readonly egress: readonly string[] } }> {
  const egress: string[] = [];
  for (const [nth, host] of wanted.entries()) {
    const body = { name: `Asks ${nth}`, code: "export default () => true;", egress: [host] };
    const { status, code, text } = await tenant.ask("POST", "/api/apps/the-app/functions/", body);
    if (status === 201) egress.push(host);
    else assert.deepEqual([status, code], [400, "invalid_request"], text);
  }
  return { settings: { egress } };
}

describe("a function that looks for a way into the network", () => {
  it("finds none without a list of hosts", async () => {
    await using service = await inner();
    await using server = await attacked({ SIGNALBOX_EGRESS_ALLOW: "127.0.0.1,localhost" });
    const tenant = await server.neighbour("hostile");
    const url = `http://127.0.0.1:${service.port}/`;
    await assertTries(tenant, [
      [fetched(url), denied],
      [fetched(`http://localhost:${service.port}/`), denied],
      [fetched("http://169.254.169.254/latest/meta-data/"), denied],
      [`new WebSocket("ws://127.0.0.1:${service.port}/").readyState`, denied],
      [
        `new Promise((go, fail) => { const source = new EventSource("${url}"); source.onopen = go; source.onerror = () => fail("closed"); })`,
        denied,
      ],
      // It tells success before it tries.
      [`(navigator.sendBeacon("${url}", "x"), new Promise((go) => setTimeout(go, 100, "told")))`, /^"told"$/],
    ]);
    assert.equal(service.sockets.length, 0);
    await assertWell(tenant);
  });

  it("reaches no address that is not public, by whatever name", async () => {
    await using service = await inner();
    await using server = await attacked();
    const tenant = await server.neighbour("hostile");
    const hosts = [...addresses, ...names].map((name) => `${name}:${service.port}`);
    const { settings } = await settingsFor(tenant, hosts);
    const literal = settings.egress.filter((host) => /^[[0-9]/.test(host));
    assert.deepEqual(literal, [], "addresses are refused when they are listed");
    assert.ok(settings.egress.length > 0, "names are listed: they are judged when they are resolved");
    const tries = hosts.map((host): Try => [fetched(`http://${host}/`), denied]);
    await assertTries(tenant, tries, { settings });
    assert.equal(service.sockets.length, 0);
    await assertWell(tenant);
  });

  it("is not led there by a host that it may reach", async () => {
    await using service = await inner();
    let asked = 0;
    await using outer = await httpListener((request, response) => {
      asked += 1;
      const { searchParams } = new URL(request.url ?? "/", "http://x");
      response
        .writeHead(Number(searchParams.get("status") ?? 200), { location: searchParams.get("to") ?? "/" })
        .end("outer");
    });
    await using server = await attacked({ SIGNALBOX_EGRESS_ALLOW: "localhost" });
    const tenant = await server.neighbour("hostile");
    const to = [...addresses, hostname()].map((name) => `http://${name}:${service.port}/`);
    const more = [
      `//127.0.0.1:${service.port}/`,
      `http://user:pass@127.0.0.1:${service.port}/`,
      "file:///etc/passwd",
      "http://169.254.169.254/",
    ];
    const { settings } = await settingsFor(tenant, [`localhost:${outer.port}`, `${hostname()}:${service.port}`]);
    const via = (target: string, status = 302): string =>
      `http://localhost:${outer.port}/?status=${status}&to=${encodeURIComponent(target)}`;
    await assertTries(
      tenant,
      [
        [fetched(`http://localhost:${outer.port}/`), /^"outer"$/],
        ...[...to, ...more].map((target): Try => [fetched(via(target)), denied]),
        ...[301, 303, 307, 308].map(
          (status): Try => [fetched(via(to[0] ?? "", status), ', { method: "POST", body: "x" }'), denied],
        ),
        // The header is what it says; the connection goes where the name says.
        [fetched(`http://localhost:${outer.port}/`, ', { headers: { host: "169.254.169.254" } }'), /^"outer"$/],
        [fetched(`http://localhost:${outer.port}@127.0.0.1:${service.port}/`), denied],
      ],
      { settings },
    );
    assert.equal(service.sockets.length, 0);
    assert.ok(asked > to.length);
    await assertWell(tenant);
  });
});
