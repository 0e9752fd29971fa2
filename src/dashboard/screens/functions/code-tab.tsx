import { useBlocker } from "@tanstack/react-router";
import { useRef, useState } from "react";
import type { AppFunction } from "../../../client/operations.ts";
import { call } from "../../api/client.ts";
import { Button } from "../../parts/button.tsx";
import { draftNames, keepDraft, useDraft } from "../../parts/drafts.ts";
import { CodeEditor } from "../../parts/editor/code-editor.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Row, Stack } from "../../parts/page.tsx";
import { Time } from "../../parts/time.tsx";
import { CodeProblems } from "./code-problems.tsx";
import { useDraftName } from "./draft-name.ts";
import styles from "./functions.module.css";
import type { CodePlace } from "./run-result.tsx";
import { direct, TestPanel, type TestPanelHandle, useEventSchema } from "./test-panel.tsx";
import { offsetOf, useCodeCheck } from "./use-code-check.ts";
import { useTriggers } from "./use-triggers.ts";
import { useVersion } from "./use-version.ts";

/** The code in an editor, beside what it is tried with. What is typed is a draft until it is deployed. */
export function CodeTab({ fn }: { readonly fn: AppFunction }) {
  const running = useVersion(fn, fn.version);
  return <Loaded state={running}>{({ code }) => <Code fn={fn} running={code} />}</Loaded>;
}

function Code({ fn, running }: { readonly fn: AppFunction; readonly running: string }) {
  const name = useDraftName(fn.app_slug, fn.slug);
  const draft = useDraft(name);
  const code = draft?.code ?? running;
  const [chosen, setChosen] = useState<string>();
  const triggers = useTriggers(fn);
  const event = chosen ?? triggers.data?.[0]?.event ?? direct;
  const schema = useEventSchema(event);
  const editor = useRef<{ goTo(offset: number): void }>(null);
  const panel = useRef<TestPanelHandle>(null);
  const check = useCodeCheck({
    app: fn.app_slug,
    slug: fn.slug,
    code,
    language: fn.language,
    isWanted: draft !== undefined,
  });
  // It is kept in this browser; one who closes the tab may still think that it was deployed.
  useBlocker({ shouldBlockFn: () => false, enableBeforeUnload: () => draftNames().includes(name) });
  const write = (text: string): void => {
    const isBack = text === running;
    keepDraft(name, isBack ? undefined : { code: text, base: draft?.base ?? fn.version, at: new Date().toISOString() });
  };
  const goTo = (place: CodePlace): void => editor.current?.goTo(offsetOf(code, place));
  return (
    <div className={styles["split"]}>
      <Stack>
        <CodeEditor
          ref={editor}
          label="Code"
          value={code}
          onValue={write}
          onRun={() => panel.current?.run()}
          problems={check.marks}
          hints={{ params: schema, env: [...Object.keys(fn.env), ...fn.secrets] }}
          rows={18}
          hint="Ctrl Enter runs it (⌘ Enter on a Mac)."
        />
        <CodeProblems check={check} onPlace={goTo} />
        {draft !== undefined && (
          <Row>
            <span>
              A draft of <Time at={draft.at} exact />, kept in this browser until you log out.
            </span>
            <Button onClick={() => keepDraft(name, undefined)}>Throw the draft away</Button>
          </Row>
        )}
      </Stack>
      <TestPanel
        ref={panel}
        event={event}
        onEvent={setChosen}
        onPlace={goTo}
        what={
          draft === undefined
            ? `Runs version ${fn.version} for real: what it calls is called.`
            : "Runs the draft: its calls of this platform only read."
        }
        onRun={(said) =>
          call("invokeFunction", {
            params: { app: fn.app_slug, fn: fn.slug },
            body: { event: said, ...(draft === undefined ? {} : { code: draft.code, language: fn.language }) },
          })
        }
      />
    </div>
  );
}
