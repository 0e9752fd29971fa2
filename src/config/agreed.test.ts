import assert from "node:assert/strict";
import { it } from "node:test";
import { agreedSettings, differingSettings } from "./agreed.ts";
import { parseConfig } from "./config.ts";

const settings = (env: Readonly<Record<string, string>>) => agreedSettings(parseConfig(env, []));

it("names the settings in which two nodes differ and should not", () => {
  const one = settings({
    SIGNALBOX_RETENTION_DAYS: "7",
    SIGNALBOX_PUBLIC_URL: "https://a.example",
    SIGNALBOX_PORT: "1",
  });
  const other = settings({ SIGNALBOX_RETENTION_DAYS: "8", SIGNALBOX_QUOTA_OBJECTS: "9", SIGNALBOX_PORT: "2" });
  assert.deepEqual(differingSettings(one, other).toSorted(), [
    "SIGNALBOX_PUBLIC_URL",
    "SIGNALBOX_QUOTA_OBJECTS",
    "SIGNALBOX_RETENTION_DAYS",
  ]);
  assert.deepEqual(differingSettings(one, one), []);
  assert.deepEqual(differingSettings(one, {}), [], "a version before, which has none of them");
});

it("keeps nothing of a secret", () => {
  const smtp = (password: string) => settings({ SIGNALBOX_SMTP_URL: `smtp://a:${password}@mail.example` });
  assert.deepEqual(differingSettings(smtp("one"), smtp("two")), []);
  assert.deepEqual(differingSettings(smtp("one"), settings({})), ["SIGNALBOX_SMTP_URL"]);
});
