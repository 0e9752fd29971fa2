import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Credentials } from "../support/s3.ts";
import { matrix } from "./matrix.ts";
import type { Probe } from "./probes.ts";
import { hasV2, s3Probes, tampered, ways } from "./s3-routes.ts";
import { type CallerName, callerNames, roleOf, type Scene, sees, sightScene, things } from "./scene.ts";

const ranks = ["member", "developer", "admin", "operator"];

interface Operation {
  readonly method: string;
  readonly path: string;
  /** The least role; absent: none is needed. */
  readonly role: string | undefined;
}

/** What a caller may not read in an answer, but for what it said itself. */
function leaksIn(
  scene: Scene,
  caller: CallerName,
  { path, body }: Pick<Probe, "path" | "body">,
  text: string,
): readonly string[] {
  const said = path + JSON.stringify(body ?? {});
  return things
    .filter((thing) => !sees(caller, thing))
    .flatMap((thing) => scene.marks[thing].filter((mark) => text.includes(mark) && !said.includes(mark)));
}

describe("who sees what, over every route of the OpenAPI document", () => {
  let scene: Scene;
  let operations: readonly Operation[] = [];
  before(async () => {
    scene = await sightScene();
    const { text } = await scene.ask("nobody", "GET", "/openapi.json");
    const { paths } = JSON.parse(text) as { paths: Record<string, Record<string, Record<string, unknown>>> };
    operations = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { "x-signalbox-role": role }]) => ({
        method: method.toUpperCase(),
        path,
        role: typeof role === "string" ? role : undefined,
      })),
    );
  });
  after(() => scene[Symbol.asyncDispose]());

  it("has an entry for each, and none for what is no more", () => {
    const routes = operations.map(({ method, path }) => `${method} ${path}`);
    assert.deepEqual(Object.keys(matrix).toSorted(), routes.toSorted());
  });

  /** What is wrong with the answers to one probe. */
  async function wrong({ method, role }: Operation, probe: Probe): Promise<readonly string[]> {
    const found = await Promise.all(
      callerNames.map(async (caller) => {
        const enough = role === undefined || ranks.indexOf(roleOf[caller]) >= ranks.indexOf(role);
        const served = enough && (probe.who === undefined || probe.who.includes(caller));
        if (served && method !== "GET" && probe.safe !== true) return [];
        const { status, text } = await scene.ask(caller, method, probe.path, probe.body);
        const what = `${caller}: ${method} ${probe.path} ${JSON.stringify(probe.body ?? "")} answered ${status} ${text.slice(0, 300)}`;
        const leaks = leaksIn(scene, caller, probe, text).map((mark) => `${mark} leaks to ${what}`);
        const missing = served
          ? (probe.shows?.(caller) ?? []).filter((thing) => !scene.marks[thing].some((mark) => text.includes(mark)))
          : [];
        return [
          ...leaks,
          ...(rightStatus({ caller, enough, served, status }, role, probe) ? [] : [what]),
          ...missing.map((thing) => `${thing} is missing: ${what}`),
        ];
      }),
    );
    return found.flat();
  }

  it("shows what is to be seen, nothing else, and answers 404 for the rest", async () => {
    const faults: string[] = [];
    for (const operation of operations) {
      const probes = matrix[`${operation.method} ${operation.path}`]?.(scene) ?? [];
      assert.ok(probes.length > 0, `${operation.method} ${operation.path} is asked something`);
      for (const probe of probes) faults.push(...(await wrong(operation, probe)));
    }
    assert.deepEqual(faults, []);
  });

  it("holds for the S3 endpoint, however a request is signed", async () => {
    const who: Readonly<Record<(typeof s3Probes)[number]["needs"], readonly CallerName[]>> = {
      read: ["admin", "developer", "mia", "wil", "wes"],
      write: ["admin", "developer", "mia", "wes"],
      manage: ["admin", "developer", "mia"],
    };
    const faults: string[] = [];
    for (const [way, ask] of Object.entries(ways)) {
      for (const probe of s3Probes) {
        if (way.startsWith("Version 2") && !hasV2(probe)) continue;
        for (const [caller, credentials] of Object.entries(scene.keys) as [CallerName, Credentials][]) {
          if (!callerNames.includes(caller)) continue;
          const { status, body, all } = await ask(scene.s3Port, credentials, probe);
          const hidden = who.read.includes(caller) ? 403 : 404;
          const expected = who[probe.needs].includes(caller) ? probe.ok : hidden;
          const what = `${way}: ${caller} ${probe.method} ${probe.path} ${JSON.stringify(probe.query)} answered ${status} ${body}`;
          if (status !== expected) faults.push(what);
          faults.push(...leaksIn(scene, caller, probe, all).map((mark) => `${mark} leaks to ${what}`));
        }
      }
    }
    assert.deepEqual(faults, []);
  });

  it("lets the holder of a URL do what was signed, and nothing else", async () => {
    const { mia } = scene.keys;
    assert.ok(mia);
    for (const answer of await Promise.all(tampered(scene.s3Port, mia))) {
      assert.equal(answer.status, 403, answer.all);
    }
  });
});

interface Met {
  readonly caller: CallerName;
  readonly enough: boolean;
  readonly served: boolean;
  readonly status: number;
}

function rightStatus({ caller, enough, served, status }: Met, role: string | undefined, probe: Probe): boolean {
  if (role !== undefined && caller === "nobody") return status === 401;
  if (!enough) return status === 403;
  if (served) return probe.ok === undefined ? status < 400 : probe.ok.includes(status);
  const made = probe.who?.length === 0 && probe.body !== undefined;
  return status === (probe.refused?.[caller] ?? 404) || (made && status === 400);
}
