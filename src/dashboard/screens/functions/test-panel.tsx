import { useQuery } from "@tanstack/react-query";
import { type Ref, useImperativeHandle, useState } from "react";
import { ApiError, call } from "../../api/client.ts";
import { useRequest } from "../../api/request.ts";
import { Button } from "../../parts/button.tsx";
import { JsonEditor } from "../../parts/editor/code-editor.tsx";
import { SelectField } from "../../parts/field.tsx";
import { Problem } from "../../parts/notice.tsx";
import { Card, Row, Stack } from "../../parts/page.tsx";
import { LastEvent } from "./last-event.tsx";
import { type CodePlace, type Run, RunResult } from "./run-result.tsx";
import { sampleParams } from "./sample-params.ts";

/** What a function is run with. */
interface SaidEvent {
  readonly event_type: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly user?: Readonly<Record<string, unknown>> | null;
}

export interface TestPanelHandle {
  run(): void;
}

interface TestPanelProps {
  /** What it is about at first. */
  readonly event: string;
  readonly onEvent: (event: string) => void;
  readonly onRun: (event: SaidEvent) => Promise<Run>;
  /** Said below the button: what is run, and what it may do. */
  readonly what: string;
  readonly onPlace?: (place: CodePlace) => void;
  readonly ref?: Ref<TestPanelHandle>;
}

/** A direct call, of an event of any type. */
export const direct = "INVOKE";

/** JSON Schema of an event's params; `undefined` of a direct call, and until it is known. */
export function useEventSchema(event: string): Readonly<Record<string, unknown>> | undefined {
  const known = useQuery({
    queryKey: ["getEvent", event],
    queryFn: ({ signal }) => call("getEvent", { params: { event } }, { signal }),
    enabled: event !== direct,
    staleTime: 300_000,
    retry: false,
  });
  return known.data?.schema;
}

/** An event to try a function with, and what came of it. */
export function TestPanel({ event, onEvent, onRun, what, onPlace, ref }: TestPanelProps) {
  const events = useQuery({
    queryKey: ["listEvents"],
    queryFn: ({ signal }) => call("listEvents", {}, { signal }),
    staleTime: 300_000,
  });
  const schema = useEventSchema(event);
  // What was typed belongs to the event that it was typed for.
  const [typed, setTyped] = useState<{ readonly of: string; readonly text: string }>();
  const [user, setUser] = useState("");
  const params = typed?.of === event ? typed.text : schema === undefined ? "{}" : sampleParams(schema);
  const run = useRequest({
    mutationFn: () =>
      onRun({
        event_type: event,
        params: readObject("params", params),
        ...(user.trim() === "" ? {} : { user: readObject("user", user) }),
      }),
  });
  const start = (): void => run.mutate();
  useImperativeHandle(ref, () => ({ run: start }));
  const names = [...new Set([event, direct, ...(events.data?.events ?? [])])];
  const problem = (path: string): string | undefined =>
    run.error instanceof ApiError ? (run.error.field(`event.${path}`) ?? run.error.field(path)) : undefined;
  return (
    <Card title="Test">
      <Stack>
        <SelectField
          label="Event"
          value={event}
          options={names.map((name) => ({ value: name, label: name === direct ? "A direct call" : name }))}
          onValue={onEvent}
        />
        <JsonEditor
          label="Its params"
          rows={6}
          value={params}
          onValue={(text) => setTyped({ of: event, text })}
          onRun={start}
          hint="JSON; at first a sample of the event's schema."
          error={problem("params")}
        />
        {event !== direct && <LastEvent key={event} type={event} onParams={(text) => setTyped({ of: event, text })} />}
        <details>
          <summary>As a user</summary>
          <JsonEditor
            label="The user who caused it"
            rows={2}
            value={user}
            onValue={setUser}
            onRun={start}
            hint="JSON; empty for none."
            error={problem("user")}
          />
        </details>
        <Row>
          <Button look="primary" busy={run.isPending} onClick={start}>
            Run
          </Button>
          <span>{what}</span>
        </Row>
        <div aria-live="polite">
          {run.isError && problem("params") === undefined && problem("user") === undefined && (
            <Problem error={run.error} />
          )}
          {run.data !== undefined && !run.isError && <RunResult run={run.data} onPlace={onPlace} />}
        </div>
      </Stack>
    </Card>
  );
}

/** @throws ApiError about the field, as the server would. */
function readObject(path: string, text: string): Readonly<Record<string, unknown>> {
  const wrong = (message: string): ApiError =>
    new ApiError(message, { status: 0, code: "invalid_request", fields: [{ path, message }] });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (thrown) {
    throw wrong(`this is no JSON: ${thrown instanceof Error ? thrown.message : String(thrown)}`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw wrong("must be a JSON object: {…}");
  return value as Readonly<Record<string, unknown>>;
}
