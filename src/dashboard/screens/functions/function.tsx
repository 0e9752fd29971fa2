import { useQueryClient } from "@tanstack/react-query";
import { Link, Navigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import type { AppFunction } from "../../../client/operations.ts";
import { see } from "../../api/client.ts";
import { Button } from "../../parts/button.tsx";
import { Confirm } from "../../parts/dialog.tsx";
import { useDraft } from "../../parts/drafts.ts";
import { Loaded } from "../../parts/loaded.tsx";
import { Problem } from "../../parts/notice.tsx";
import { Page, Row } from "../../parts/page.tsx";
import { Status } from "../../parts/status.tsx";
import { CodeTab } from "./code-tab.tsx";
import { DeployDialog } from "./deploy.tsx";
import { useDraftName } from "./draft-name.ts";
import styles from "./functions.module.css";
import { useFunctionChange, useKnownFunction } from "./known-function.ts";
import { RunsTab } from "./runs-tab.tsx";
import { SettingsTab } from "./settings-tab.tsx";
import { TestTab } from "./test-tab.tsx";
import { TriggersTab } from "./triggers-tab.tsx";
import { VersionsTab } from "./versions-tab.tsx";

const tabs = ["code", "test", "runs", "versions", "triggers", "settings"] as const;
type Tab = (typeof tabs)[number];
const tabNames: Readonly<Record<Tab, string>> = {
  code: "Code",
  test: "Test",
  runs: "Runs",
  versions: "Versions",
  triggers: "Triggers",
  settings: "Settings",
};

/** One function: its code and all that is about it, a tab each with an address of its own. */
export function FunctionScreen() {
  const { tenant, app, fn, tab } = useParams({ from: "/t/$tenant/functions/$app/$fn/$tab" });
  const known = useKnownFunction(app, fn);
  const shown = known.data?.data;
  const isTab = tabs.some((one) => one === tab);
  if (!isTab) {
    return <Navigate to="/t/$tenant/functions/$app/$fn/$tab" params={{ tenant, app, fn, tab: "code" }} replace />;
  }
  return (
    <Page
      title={shown?.name ?? fn}
      lead={<Lead app={app} fn={fn} known={shown} />}
      actions={shown && <Actions fn={shown} />}
    >
      <nav className={styles["tabs"]} aria-label="Of this function">
        {tabs.map((one) => (
          <Link
            key={one}
            to="/t/$tenant/functions/$app/$fn/$tab"
            params={{ tenant, app, fn, tab: one }}
            search={{}}
            activeOptions={{ includeSearch: false }}
            activeProps={{ "aria-current": "page" }}
          >
            {tabNames[one]}
          </Link>
        ))}
      </nav>
      <Loaded state={known}>{({ data }) => <TabOf key={data.uuid} tab={tab as Tab} fn={data} />}</Loaded>
    </Page>
  );
}

function TabOf({ tab, fn }: { readonly tab: Tab; readonly fn: AppFunction }) {
  switch (tab) {
    case "code":
      return <CodeTab fn={fn} />;
    case "test":
      return <TestTab fn={fn} />;
    case "runs":
      return <RunsTab fn={fn} />;
    case "versions":
      return <VersionsTab fn={fn} />;
    case "triggers":
      return <TriggersTab fn={fn} />;
    case "settings":
      return <SettingsTab fn={fn} />;
    default:
      return tab satisfies never;
  }
}

interface LeadProps {
  readonly app: string;
  readonly fn: string;
  readonly known: AppFunction | undefined;
}

function Lead({ app, fn, known }: LeadProps) {
  const { tenant } = useParams({ from: "/t/$tenant" });
  const draft = useDraft(useDraftName(app, fn));
  return (
    <Row>
      <span>
        <Link to="/t/$tenant/functions" params={{ tenant }}>
          Functions
        </Link>{" "}
        › <bdi>{known?.app_name ?? app}</bdi>
      </span>
      {known !== undefined && (
        <>
          <span>· version {known.version} is active</span>
          {!known.enabled && <Status tone="quiet">disabled</Status>}
        </>
      )}
      {draft !== undefined && <Status tone="warn">draft, not deployed</Status>}
    </Row>
  );
}

function Actions({ fn }: { readonly fn: AppFunction }) {
  const draft = useDraft(useDraftName(fn.app_slug, fn.slug));
  const [isDeploying, setDeploying] = useState(false);
  return (
    <>
      {draft !== undefined && (
        <Button look="primary" onClick={() => setDeploying(true)}>
          Deploy…
        </Button>
      )}
      <RollBack fn={fn} />
      {isDeploying && draft !== undefined && <DeployDialog fn={fn} draft={draft} onClose={() => setDeploying(false)} />}
    </>
  );
}

function RollBack({ fn }: { readonly fn: AppFunction }) {
  const queries = useQueryClient();
  const [isOpen, setOpen] = useState(false);
  const back = useFunctionChange(fn, {
    change: (_, at) => see("rollbackFunction", { params: { app: fn.app_slug, fn: fn.slug } }, at),
    onDone: async () => {
      setOpen(false);
      await queries.invalidateQueries({ queryKey: ["listFunctionVersions"] });
    },
  });
  if (fn.version < 2) return null;
  return (
    <>
      <Button onClick={() => setOpen(true)}>Roll back…</Button>
      <Confirm
        title={`Roll ${fn.name} back?`}
        action="Roll back"
        open={isOpen}
        busy={back.isPending}
        onConfirm={() => back.mutate()}
        onClose={() => setOpen(false)}
      >
        <p>
          The version that ran before version {fn.version} runs from then on. Nothing is lost: version {fn.version}{" "}
          stays.
        </p>
        {back.isError && <Problem error={back.error} />}
      </Confirm>
    </>
  );
}
