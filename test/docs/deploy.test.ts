/** The files of deploy/ name what there is: metrics, settings, commands. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { parseAllDocuments } from "yaml";
import { parseConfig } from "../../src/config/config.ts";
import { envName } from "../../src/config/setting.ts";
import { configurationSettings } from "../../src/config/settings.ts";
import { runServer } from "../support/in-process.ts";
import { read } from "../support/markdown.ts";

const deploy = new URL("../../deploy/", import.meta.url).pathname;
const files = readdirSync(deploy);
const text = (name: string): string => readFileSync(`${deploy}${name}`, "utf8");

describe("the files to deploy with", () => {
  it("alert by series that a server has from its start", async () => {
    await using server = await runServer();
    const metrics = await (await fetch(`${server.url}/metrics`)).text();
    const rules = text("prometheus-rules.yaml");
    const exprs = [...rules.matchAll(/^ +expr: (.*)$/gm)].map(([, expr = ""]) => expr);
    assert.ok(exprs.length > 5);
    for (const expr of exprs) {
      for (const [, name, label = ""] of expr.matchAll(
        /\b((?:signalbox|process)_\w+)(?:\{((?:state|outcome)="\w+")\})?/g,
      )) {
        assert.match(metrics, new RegExp(`^${name}(?:\\{[^}]*${label}[^}]*\\})? `, "m"), `${name} ${label}`);
      }
    }
  });

  it("set settings that there are, and are named by the page that tells of them", () => {
    const secrets = configurationSettings.filter(([, { secret }]) => secret).map(([key]) => `${envName(key)}_FILE`);
    const known = new Set([...configurationSettings.map(([key]) => envName(key)), ...secrets]);
    const page = read("docs/install.md");
    for (const name of files) {
      assert.ok(page.includes(`deploy/${name}`), `docs/install.md tells of ${name}`);
      for (const [setting] of text(name).matchAll(/\bSIGNALBOX_[A-Z0-9_]+/g))
        assert.ok(known.has(setting), `${name}: ${setting}`);
    }
    for (const [setting] of page.matchAll(/\bSIGNALBOX_[A-Z0-9_]+/g)) {
      assert.ok(known.has(setting) || setting === "SIGNALBOX_TOKEN_FILE", setting);
    }
  });

  it("run several pods that have the time to end, and are asked what there is", () => {
    const documents = parseAllDocuments(text("kubernetes.yaml"), { version: "1.1" }).map(
      (document) => document.toJS({ maxAliasCount: 0 }) as Manifest,
    );
    assert.deepEqual(
      documents.map(({ kind }) => kind),
      ["Deployment", "Service", "PodDisruptionBudget"],
    );
    const [deployment, service, budget] = documents;
    const labels = deployment?.spec.template?.metadata.labels;
    assert.deepEqual(deployment?.spec.selector?.["matchLabels"], labels);
    assert.deepEqual(service?.spec.selector, labels);
    assert.deepEqual(budget?.spec.selector?.["matchLabels"], labels);
    const pod = deployment?.spec.template?.spec;
    const [container] = pod?.containers ?? [];
    assert.ok(pod !== undefined && container !== undefined);
    const env = Object.fromEntries(container.env.map(({ name, value }) => [name, value]));
    const given = Object.entries(env).filter(([name]) => !name.endsWith("_FILE"));
    const secrets = { SIGNALBOX_BLOBS_SECRET_ACCESS_KEY: "secret" };
    const { drainMs, shutdownGraceMs, blobs, publicUrl } = parseConfig(
      { ...Object.fromEntries(given), ...secrets },
      [],
    );
    assert.ok(blobs !== undefined && publicUrl !== undefined);
    assert.ok(pod.terminationGracePeriodSeconds * 1_000 >= shutdownGraceMs + 5_000);
    const { readinessProbe: readiness, livenessProbe: liveness, startupProbe: startup } = container;
    assert.ok(drainMs > readiness.periodSeconds * readiness.failureThreshold * 1_000);
    assert.equal(readiness.httpGet.path, "/readyz");
    assert.deepEqual([liveness.httpGet.path, startup.httpGet.path], ["/healthz", "/healthz"]);
    const mounts = container.volumeMounts.map(({ name }) => name);
    assert.deepEqual(mounts.toSorted(), pod.volumes.map(({ name }) => name).toSorted());
    const mounted = container.volumeMounts.find(({ name }) => name === "secrets")?.mountPath ?? "";
    const files = Object.entries(env).filter(([name]) => name.endsWith("_FILE"));
    assert.ok(files.length > 3);
    for (const [name, path = ""] of files) {
      const key = path.slice(mounted.length + 1);
      assert.ok(path.startsWith(`${mounted}/`) && text("kubernetes.yaml").includes(`--from-literal=${key}=`), name);
    }
  });
});

interface Probe {
  readonly httpGet: { readonly path: string };
  readonly periodSeconds: number;
  readonly failureThreshold: number;
}

interface Manifest {
  readonly kind: string;
  readonly spec: {
    readonly selector?: Readonly<Record<string, unknown>>;
    readonly template?: {
      readonly metadata: { readonly labels: Readonly<Record<string, string>> };
      readonly spec: {
        readonly terminationGracePeriodSeconds: number;
        readonly volumes: readonly { readonly name: string }[];
        readonly containers: readonly {
          readonly env: readonly { readonly name: string; readonly value: string }[];
          readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
          readonly readinessProbe: Probe;
          readonly livenessProbe: Probe;
          readonly startupProbe: Probe;
        }[];
      };
    };
  };
}
