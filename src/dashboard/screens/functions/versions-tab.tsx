import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import type { AppFunction } from "../../../client/operations.ts";
import { see } from "../../api/client.ts";
import { useList } from "../../api/list.ts";
import { Button } from "../../parts/button.tsx";
import { Confirm } from "../../parts/dialog.tsx";
import { useDraft } from "../../parts/drafts.ts";
import { Diff } from "../../parts/editor/diff.tsx";
import { SelectField } from "../../parts/field.tsx";
import { List } from "../../parts/list.tsx";
import { Empty, Loading, Problem } from "../../parts/notice.tsx";
import { Card, Stack } from "../../parts/page.tsx";
import { Status } from "../../parts/status.tsx";
import { Table } from "../../parts/table.tsx";
import { Text } from "../../parts/text.tsx";
import { Time } from "../../parts/time.tsx";
import { useDraftName } from "./draft-name.ts";
import styles from "./functions.module.css";
import { useFunctionChange } from "./known-function.ts";
import { useVersion } from "./use-version.ts";

const place = "/t/$tenant/functions/$app/$fn/$tab";

/** All that were kept: which runs, what differs between any two, and another one to run. */
export function VersionsTab({ fn }: { readonly fn: AppFunction }) {
  const search = useSearch({ from: place });
  const navigate = useNavigate({ from: place });
  const queries = useQueryClient();
  const [asked, setAsked] = useState<number>();
  const draft = useDraft(useDraftName(fn.app_slug, fn.slug));
  const versions = useList("listFunctionVersions", { params: { app: fn.app_slug, fn: fn.slug }, query: { limit: 50 } });
  const activate = useFunctionChange<number>(fn, {
    change: (version, at) =>
      see("activateFunctionVersion", { params: { app: fn.app_slug, fn: fn.slug, version: String(version) } }, at),
    onDone: async () => {
      setAsked(undefined);
      await queries.invalidateQueries({ queryKey: ["listFunctionVersions"] });
    },
  });
  const compare = (from: string, to: string): void =>
    void navigate({ search: (before) => ({ ...before, from, to }), replace: true });
  return (
    <Stack>
      <List state={versions} itemsOf={(page) => page.versions} empty={<Empty title="There is no version" />}>
        {(items) => (
          <Stack>
            {(items.length > 1 || draft !== undefined) && (
              <Comparison
                fn={fn}
                versions={items.map(({ version }) => version)}
                from={named(search.from) ?? String(items[1]?.version ?? fn.version)}
                to={named(search.to) ?? (items.length > 1 ? String(items[0]?.version ?? fn.version) : "draft")}
                onCompare={compare}
              />
            )}
            <Table
              label="Versions"
              items={items}
              keyOf={({ version }) => String(version)}
              columns={[
                { name: "Version", isNumber: true, cell: ({ version }) => version },
                { name: "State", cell: ({ active }) => (active ? <Status tone="good">active</Status> : "") },
                { name: "Created", cell: ({ created_at: at }) => <Time at={at} /> },
                { name: "By", wide: true, cell: ({ created_by: by }) => <Text max={60}>{by}</Text> },
                {
                  name: "Actions",
                  cell: ({ version, active }) => (
                    <div className={styles["actions"]}>
                      <Button
                        aria-label={`Compare version ${version} with the active one`}
                        onClick={() => compare(String(fn.version), String(version))}
                      >
                        Compare
                      </Button>
                      {!active && (
                        <Button aria-label={`Activate version ${version}`} onClick={() => setAsked(version)}>
                          Activate…
                        </Button>
                      )}
                    </div>
                  ),
                },
              ]}
            />
          </Stack>
        )}
      </List>
      <Confirm
        title={`Activate version ${asked ?? ""}?`}
        action="Activate"
        open={asked !== undefined}
        busy={activate.isPending}
        onConfirm={() => asked !== undefined && activate.mutate(asked)}
        onClose={() => setAsked(undefined)}
      >
        <p>It runs for all events from then on, instead of version {fn.version}, which stays.</p>
        {activate.isError && <Problem error={activate.error} />}
      </Confirm>
    </Stack>
  );
}

/** What an address names: a version, or the draft. */
function named(which: string | undefined): string | undefined {
  return which !== undefined && /^(?:draft|[1-9]\d{0,8})$/.test(which) ? which : undefined;
}

interface ComparisonProps {
  readonly fn: AppFunction;
  readonly versions: readonly number[];
  readonly from: string;
  readonly to: string;
  readonly onCompare: (from: string, to: string) => void;
}

function Comparison({ fn, versions, from, to, onCompare }: ComparisonProps) {
  const draft = useDraft(useDraftName(fn.app_slug, fn.slug));
  const listed = [...new Set([...versions, ...[from, to].map(Number).filter((one) => one > 0)])].toSorted(
    (a, b) => b - a,
  );
  const options = [
    ...(draft === undefined ? [] : [{ value: "draft", label: "The draft" }]),
    ...listed.map((version) => ({
      value: String(version),
      label: `Version ${version}${version === fn.version ? ", active" : ""}`,
    })),
  ];
  const before = useCode(fn, from);
  const after = useCode(fn, to);
  return (
    <Card title="Compare">
      <div className={styles["fields"]}>
        <SelectField label="From" value={from} options={options} onValue={(value) => onCompare(value, to)} />
        <SelectField label="To" value={to} options={options} onValue={(value) => onCompare(from, value)} />
      </div>
      {before.error !== null && <Problem error={before.error} />}
      {after.error !== null && <Problem error={after.error} />}
      {before.code !== undefined && after.code !== undefined ? (
        <Diff label={`What differs from ${from} to ${to}`} before={before.code} after={after.code} />
      ) : (
        before.error === null && after.error === null && <Loading />
      )}
    </Card>
  );
}

/** Of a version, or of the draft. */
function useCode(fn: AppFunction, which: string): { readonly code: string | undefined; readonly error: unknown } {
  const draft = useDraft(useDraftName(fn.app_slug, fn.slug));
  const isDraft = which === "draft";
  const version = useVersion(fn, isDraft ? undefined : Number(which));
  return isDraft ? { code: draft?.code ?? "", error: null } : { code: version.data?.code, error: version.error };
}
