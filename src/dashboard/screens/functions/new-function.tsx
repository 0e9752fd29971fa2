import { useQueryClient } from "@tanstack/react-query";
import { Link, useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { ApiError, call } from "../../api/client.ts";
import { useList } from "../../api/list.ts";
import { useRequest } from "../../api/request.ts";
import { useSelf } from "../../api/session.ts";
import { Button } from "../../parts/button.tsx";
import { keepDraft, useDraft } from "../../parts/drafts.ts";
import { CodeEditor } from "../../parts/editor/code-editor.tsx";
import { SelectField, TextField } from "../../parts/field.tsx";
import { Problem } from "../../parts/notice.tsx";
import { Card, Page, Row, Stack } from "../../parts/page.tsx";
import { CodeProblems } from "./code-problems.tsx";
import styles from "./functions.module.css";
import type { CodePlace } from "./run-result.tsx";
import { templates } from "./templates.ts";
import { TestPanel, type TestPanelHandle, useEventSchema } from "./test-panel.tsx";
import { offsetOf, useCodeCheck } from "./use-code-check.ts";

/** What is chosen where there is no app yet: it is made with the first run. */
const newApp = "";

/** From a template to a function that runs: chosen, tried, deployed; attached on its own page. */
export function NewFunction() {
  const { tenant } = useParams({ from: "/t/$tenant" });
  const search = useSearch({ from: "/t/$tenant/functions/new" });
  const navigate = useNavigate({ from: "/t/$tenant/functions/new" });
  const template = templates.find(({ id }) => id === search.template);
  return (
    <Page
      title="New function"
      lead={
        <>
          <Link to="/t/$tenant/functions" params={{ tenant }}>
            Functions
          </Link>{" "}
          › Begin with a template; you can try it before anything is saved.
        </>
      }
    >
      <Stack>
        <div className={styles["templates"]} role="group" aria-label="What it begins with">
          {templates.map(({ id, name, what }) => (
            <button
              key={id}
              type="button"
              aria-pressed={id === search.template}
              onClick={() => void navigate({ search: (before) => ({ ...before, template: id }), replace: true })}
            >
              <strong>{name}</strong>
              <span>{what}</span>
            </button>
          ))}
        </div>
        {template !== undefined && <Beginning key={template.id} template={template} />}
      </Stack>
    </Page>
  );
}

function Beginning({ template }: { readonly template: (typeof templates)[number] }) {
  const { tenant } = useParams({ from: "/t/$tenant" });
  const { app: wanted } = useSearch({ from: "/t/$tenant/functions/new" });
  const self = useSelf();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const draftName = `${self.tenant}/${self.principal}/new/${template.id}`;
  const draft = useDraft(draftName);
  const code = draft?.code ?? template.code;
  const [name, setName] = useState(template.name);
  const [event, setEvent] = useState(template.event);
  const [chosen, setChosen] = useState(wanted);
  const [appName, setAppName] = useState("Main");
  const apps = useList("listApps", { query: { limit: 100 } });
  const known = apps.data?.pages.flatMap((page) => page.apps) ?? [];
  const app = chosen ?? known[0]?.slug ?? newApp;
  const schema = useEventSchema(event);
  const editor = useRef<{ goTo(offset: number): void }>(null);
  const panel = useRef<TestPanelHandle>(null);
  const language = "typescript";
  const check = useCodeCheck({ app, slug: undefined, code, language, isWanted: app !== newApp });
  const goTo = (place: CodePlace): void => editor.current?.goTo(offsetOf(code, place));

  /** The slug of the app, which is made now where there was none. */
  const ensureApp = async (): Promise<string> => {
    if (app !== newApp) return app;
    const made = await call("createApp", { body: { name: appName } });
    await queries.invalidateQueries({ queryKey: ["listApps"] });
    setChosen(made.slug);
    return made.slug;
  };
  const deploy = useRequest({
    mutationFn: async () => {
      const slug = await ensureApp();
      return call("createFunction", { params: { app: slug }, body: { name, code, language } });
    },
    onSuccess: async (made) => {
      keepDraft(draftName, undefined);
      await queries.invalidateQueries({ queryKey: ["listFunctions"] });
      await navigate({
        to: "/t/$tenant/functions/$app/$fn/$tab",
        params: { tenant, app: made.app_slug, fn: made.slug, tab: "triggers" },
        search: { edit: "new", event },
      });
    },
  });
  const problem = (path: string): string | undefined =>
    deploy.error instanceof ApiError ? deploy.error.field(path) : undefined;
  return (
    <>
      {apps.isError && <Problem error={apps.error} onRetry={() => void apps.refetch()} />}
      <Card title="What it is">
        <div className={styles["fields"]}>
          <TextField label="Name" required value={name} onValue={setName} error={problem("name")} />
          {(known.length > 0 || app !== newApp) && (
            <SelectField
              label="App"
              value={app}
              options={[
                ...known.map((one) => ({ value: one.slug, label: one.name })),
                { value: newApp, label: "A new one" },
              ]}
              onValue={setChosen}
            />
          )}
          {app === newApp && (
            <TextField
              label="Name of the new app"
              required
              value={appName}
              onValue={setAppName}
              hint="Apps hold functions. It is made when this is run or deployed."
            />
          )}
        </div>
      </Card>
      <div className={styles["split"]}>
        <Stack>
          <CodeEditor
            ref={editor}
            label="Code"
            value={code}
            onValue={(text) =>
              keepDraft(
                draftName,
                text === template.code ? undefined : { code: text, base: 0, at: new Date().toISOString() },
              )
            }
            onRun={() => panel.current?.run()}
            problems={check.marks}
            hints={{ params: schema }}
            rows={18}
            hint="Ctrl Enter runs it (⌘ Enter on a Mac)."
          />
          <CodeProblems check={check} onPlace={goTo} />
          {deploy.isError && <Problem error={deploy.error} />}
          <Row>
            <Button look="primary" busy={deploy.isPending} onClick={() => deploy.mutate()}>
              Deploy
            </Button>
            <span>It runs for no event until it is attached to one, which comes next.</span>
          </Row>
        </Stack>
        <TestPanel
          ref={panel}
          event={event}
          onEvent={setEvent}
          onPlace={goTo}
          what="Runs the code as it stands here: its calls of this platform only read."
          onRun={async (said) =>
            call("runFunctionCode", { params: { app: await ensureApp() }, body: { code, language, event: said } })
          }
        />
      </div>
    </>
  );
}
