/** The files of deploy/ name what there is: metrics, settings, commands. */
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { describe, it } from "node:test";
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
});
