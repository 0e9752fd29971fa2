import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { Pool } from "undici";
import { type EgressAllow, parseEgressAllow, egressRefusal as refusalAt } from "../../domain/egress.ts";
import { workerdBinary } from "./binary.ts";
import { closedNets, networkFilter } from "./networks.ts";

/** First and last of each kind that `refusal` refuses, as `addresses.test.ts` has them. */
const refused = [
  ["0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255", "100.64.0.0", "100.127.255.255", "127.0.0.0"],
  ["127.255.255.255", "169.254.0.0", "169.254.255.255", "172.16.0.0", "172.31.255.255", "192.0.0.0", "192.0.0.255"],
  ["192.0.2.0", "192.0.2.255", "192.88.99.0", "192.88.99.255", "192.168.0.0", "192.168.255.255", "198.18.0.0"],
  ["198.19.255.255", "198.51.100.0", "198.51.100.255", "203.0.113.0", "203.0.113.255", "224.0.0.0", "239.255.255.255"],
  ["240.0.0.0", "255.255.255.254", "255.255.255.255", "169.254.169.254", "168.63.129.16", "100.100.100.200"],
  [
    "::",
    "::1",
    "::2",
    "::ffff:ffff",
    "::ffff:0:0",
    "::ffff:255.255.255.255",
    "::ffff:0:0:0",
    "::ffff:0:255.255.255.255",
  ],
  ["64:ff9b::", "64:ff9b::255.255.255.255", "64:ff9b:1::", "64:ff9b:1:ffff:ffff:ffff:ffff:ffff", "100::", "2001::"],
  ["100::ffff:ffff:ffff:ffff", "2001:0:ffff:ffff:ffff:ffff:ffff:ffff", "2001:1::", "2001:db8::", "2002::", "3fff::"],
  ["2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "fc00::", "fe80::", "fec0::"],
  [
    "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff",
    "fd00:ec2::254",
    "fd20:ce::254",
  ],
  ["fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ff00::", "1::1", "4000::1"],
  [
    "feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
    "5f00::1",
    "a000::",
    "fbff::1",
  ],
  ["::ffff:8.8.8.8", "::8.8.8.8", "64:ff9b::8.8.8.8", "2002:808:808::", "::ffff:0:8.8.8.8", "::ffff:127.0.0.1"],
].flat();

/** Beside the borders of those. */
const open = [
  ["1.0.0.0", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0"],
  ["169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0", "192.0.1.0", "192.0.3.0", "192.167.255.255"],
  ["192.169.0.0", "198.17.255.255", "198.20.0.0", "198.51.99.255", "203.0.114.0", "223.255.255.255", "8.8.8.8"],
  ["2000::", "2001:200::1", "2001:4860:4860::8888", "2003::", "2606:4700::1111", "3ffe:ffff::1", "2a00:1450::1"],
].flat();

/** Ask the real filter: it complains of what it does not let through. */
interface Filter extends AsyncDisposable {
  /** Whether it lets a connection be tried. */
  lets(address: string): Promise<boolean>;
}

async function filter(allow: EgressAllow): Promise<Filter> {
  const nets = networkFilter(allow);
  const folder = mkdtempSync(join(tmpdir(), "sbx-test-"));
  const script = "export default { fetch: async (request, env) => env.NET.fetch(await request.text()) }";
  writeFileSync(
    join(folder, "config.capnp"),
    `using Workerd = import "/workerd/workerd.capnp";
    const config :Workerd.Config = (
      services = [
        (name = "main", worker = .main),
        (name = "net", network = (allow = ${JSON.stringify(nets.allow)}, deny = ${JSON.stringify(nets.deny)})),
      ],
      sockets = [(name = "calls", address = "unix:calls", http = (), service = "main")],
    );
    const main :Workerd.Worker = (
      modules = [(name = "main.js", esModule = ${JSON.stringify(script)})],
      compatibilityDate = "2026-11-01",
      bindings = [(name = "NET", service = "net")],
    );`,
  );
  const child = spawn(workerdBinary(), ["serve", "--control-fd=1", "config.capnp"], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
  });
  let complaints = "";
  child.stderr.setEncoding("latin1").on("data", (text: string) => {
    complaints += text;
  });
  await new Promise<void>((resolve, reject) => {
    child.stdout.once("data", () => resolve());
    child.once("exit", () => reject(new Error(complaints)));
  });
  const pool = new Pool("http://main", { socketPath: join(folder, "calls") });
  let port = 10_000;
  return {
    lets: async (address) => {
      port += 1;
      const refusedHere = `:${port} is not allowed`;
      const host = address.includes(":") ? `[${address}]` : address;
      const signal = AbortSignal.timeout(300);
      const asked = pool.request({ path: "/", method: "POST", body: `http://${host}:${port}/`, signal });
      await asked.then(({ body }) => body.text()).catch(() => {});
      // What is not let through fails at once. What is may fail as well, but its complaint is another one.
      while (!complaints.includes(refusedHere) && !signal.aborted)
        await new Promise((resolve) => setImmediate(resolve));
      return !complaints.includes(refusedHere);
    },
    async [Symbol.asyncDispose]() {
      await pool.destroy();
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGKILL");
      await ended;
      rmSync(folder, { recursive: true });
    },
  };
}

const nothing = parseEgressAllow([]);
const refusal = (host: string, allow: EgressAllow): string | undefined => refusalAt({ host, port: 443 }, allow);

describe("the filter for functions", () => {
  it("names networks that webhooks do not reach either", () => {
    for (const net of closedNets) {
      const [address = ""] = net.split("/");
      assert.notEqual(refusal(address, nothing), undefined, net);
    }
  });

  it("refuses every special address, and no public one", async () => {
    await using real = await filter(nothing);
    for (const address of refused) assert.equal(await real.lets(address), false, address);
    const passed = await Promise.all(open.map((address) => real.lets(address)));
    for (const [index, address] of open.entries()) assert.equal(passed[index], true, address);
  });

  it("lets through what the operator opened, in every form, and nothing beside it", async () => {
    const allow = parseEgressAllow([
      "10.1.0.0/16",
      "127.0.0.1",
      "fd12:3456::/32",
      "::1",
      "172.16.0.0/13",
      "192.168.0.0/16",
    ]);
    const addresses = [
      ["10.1.0.0", "10.1.255.255", "127.0.0.1", "fd12:3456::9", "::1", "172.23.255.255", "192.168.7.7", "::10.1.2.3"],
      ["64:ff9b::10.1.2.3", "2002:a01:203::", "::ffff:0:10.1.2.3", "::ffff:10.1.2.3", "::ffff:127.0.0.1"],
      [
        "10.0.255.255",
        "10.2.0.0",
        "127.0.0.2",
        "fd12:3457::9",
        "::2",
        "172.24.0.0",
        "64:ff9b::10.2.0.0",
        "::ffff:10.2.0.0",
      ],
      ["169.254.169.254", "64:ff9b:1::10.1.2.3", "2001::10.1.2.3", "2002:a02:203::"],
    ].flat();
    await using real = await filter(allow);
    const passed = await Promise.all(addresses.map((address) => real.lets(address)));
    for (const [index, address] of addresses.entries()) {
      assert.equal(passed[index], refusal(address, allow) === undefined, address);
    }
  });

  it("can be opened to everything, one family at a time", async () => {
    const addresses = [
      "169.254.169.254",
      "10.0.0.1",
      "240.0.0.1",
      "::ffff:10.0.0.1",
      "::1",
      "::",
      "fd00::1",
      "2001:db8::1",
    ];
    for (const opened of [["0.0.0.0/0"], ["::/0"], ["0.0.0.0/0", "::/0"]]) {
      const allow = parseEgressAllow(opened);
      await using real = await filter(allow);
      const passed = await Promise.all(addresses.map((address) => real.lets(address)));
      for (const [index, address] of addresses.entries()) {
        // Where the two differ, the real one is the stricter: an IPv4 net is also denied in its mapped form.
        const mapped = address.startsWith("::ffff:") && !opened.includes("0.0.0.0/0");
        assert.equal(passed[index], !mapped && refusal(address, allow) === undefined, `${opened.join()} ${address}`);
      }
    }
  });
});
