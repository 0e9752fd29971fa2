import { useState } from "react";
import type { AppFunction } from "../../../client/operations.ts";
import { call } from "../../api/client.ts";
import { useList } from "../../api/list.ts";
import { SelectField } from "../../parts/field.tsx";
import { Stack } from "../../parts/page.tsx";
import { direct, TestPanel } from "./test-panel.tsx";
import { useTriggers } from "./use-triggers.ts";

/** Any version that is kept, with any event. */
export function TestTab({ fn }: { readonly fn: AppFunction }) {
  const versions = useList("listFunctionVersions", {
    params: { app: fn.app_slug, fn: fn.slug },
    query: { limit: 50 },
  });
  const [version, setVersion] = useState("running");
  const [chosen, setChosen] = useState<string>();
  const triggers = useTriggers(fn);
  const kept = versions.data?.pages.flatMap((page) => page.versions) ?? [];
  const others = kept.filter((one) => one.version !== fn.version);
  const isTrial = version !== "running";
  return (
    <Stack>
      <SelectField
        label="Which version"
        value={version}
        options={[
          { value: "running", label: `Version ${fn.version}, active` },
          ...others.map((one) => ({ value: String(one.version), label: `Version ${one.version}` })),
        ]}
        onValue={setVersion}
      />
      <TestPanel
        event={chosen ?? triggers.data?.[0]?.event ?? direct}
        onEvent={setChosen}
        what={
          isTrial
            ? `Runs version ${version}: its calls of this platform only read.`
            : `Runs version ${fn.version} for real: what it calls is called.`
        }
        onRun={(said) =>
          call("invokeFunction", {
            params: { app: fn.app_slug, fn: fn.slug },
            body: { event: said, ...(isTrial ? { version: Number(version) } : {}) },
          })
        }
      />
    </Stack>
  );
}
