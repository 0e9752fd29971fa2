import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { parseEgressAllow } from "../../../src/domain/egress.ts";
import { httpListener } from "../../support/listeners.ts";
import type { OpenSandbox } from "../sandbox.ts";
import { body, call, errorOf, value } from "./kit.ts";

const fetching =
  "try { const answer = await fetch(event); return [answer.status, await answer.text()]; } catch (error) { return error.message; }";

/** What functions reach of the network. */
export function describeReach(open: OpenSandbox): void {
  describe("the network", () => {
    it("is closed to functions that list no host", async () => {
      let hits = 0;
      await using server = await httpListener((_request, response) => {
        hits += 1;
        response.end();
      });
      await using sandbox = await open({ allow: parseEgressAllow(["127.0.0.1"]) });
      const told = await value(sandbox, body(fetching), { event: `http://127.0.0.1:${server.port}/` });
      assert.equal(typeof told, "string");
      const result = await sandbox.run(call(body('await fetch("http://example.com/");')));
      assert.match(errorOf(result).message, /lists no host/);
      assert.equal(hits, 0);
    });

    it("is open to the hosts that a function lists, at the ports that it lists", async () => {
      const seen: string[] = [];
      await using server = await httpListener((request, response) => {
        seen.push(`${request.method} ${request.url} ${request.headers.host}`);
        response.end("hello");
      });
      await using sandbox = await open({ allow: parseEgressAllow(["127.0.0.1", "localhost"]) });
      const host = `127.0.0.1:${server.port}`;
      const listing = (...egress: string[]) => body(fetching, { egress });
      assert.deepEqual(await value(sandbox, listing(host), { event: `http://${host}/a?b` }), [200, "hello"]);
      assert.deepEqual(
        await value(sandbox, listing("x.example", `LocalHost:${server.port}`), {
          event: `http://LOCALHOST.:${server.port}/`,
        }),
        [200, "hello"],
      );
      for (const egress of [
        "127.0.0.1",
        "127.0.0.1:1",
        `127.0.0.2:${server.port}`,
        `*.0.0.1:${server.port}`,
        "",
        "*",
      ]) {
        assert.equal(typeof (await value(sandbox, listing(egress), { event: `http://${host}/no` })), "string", egress);
      }
      assert.deepEqual(seen, [`GET /a?b ${host}`, `GET / localhost:${server.port}`]);
    });

    it("is closed where the operator keeps it closed, whatever a function lists", async () => {
      let hits = 0;
      await using server = await httpListener((_request, response) => {
        hits += 1;
        response.end();
      }, "0.0.0.0");
      await using sandbox = await open();
      const { port } = server;
      const names = [
        "127.0.0.1",
        "127.1.2.3",
        "localhost",
        "0.0.0.0",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::]",
        "2130706433",
        "0x7f.1",
      ];
      for (const name of names) {
        const told = await value(sandbox, body(fetching, { egress: [`${name}:${port}`] }), {
          event: `http://${name}:${port}/`,
        });
        assert.equal(typeof told, "string", name);
      }
      assert.equal(hits, 0);
    });

    it("is judged again at each redirect", async () => {
      let secrets = 0;
      await using inner = await httpListener((_request, response) => {
        secrets += 1;
        response.end("secret");
      });
      await using server = await httpListener((request, response) => {
        const to = new URL(request.url ?? "", "http://x").searchParams.get("to");
        if (to === null) response.end("arrived");
        else response.writeHead(302, { location: to }).end();
      });
      await using sandbox = await open({ allow: parseEgressAllow(["127.0.0.1"]) });
      const host = `127.0.0.1:${server.port}`;
      const following = body(fetching, { egress: [host, "localhost"] });
      const via = (to: string): string => `http://${host}/?to=${encodeURIComponent(to)}`;
      assert.deepEqual(await value(sandbox, following, { event: via(`http://${host}/`) }), [200, "arrived"]);
      for (const to of [
        `http://127.0.0.1:${inner.port}/`,
        `http://localhost:${inner.port}/`,
        "http://169.254.169.254/latest/meta-data",
      ]) {
        assert.equal(typeof (await value(sandbox, following, { event: via(to) })), "string", to);
      }
      assert.equal(secrets, 0);
    });
  });
}
