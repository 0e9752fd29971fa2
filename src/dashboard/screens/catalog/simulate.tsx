import { useState } from "react";
import type { SimulatedHook, Simulation } from "../../../client/operations.ts";
import { call } from "../../api/client.ts";
import { useRequest } from "../../api/request.ts";
import { Button } from "../../parts/button.tsx";
import { TextArea } from "../../parts/field.tsx";
import { Problem } from "../../parts/notice.tsx";
import { Card, Row, Stack } from "../../parts/page.tsx";
import { Status } from "../../parts/status.tsx";
import { Text, TextBlock } from "../../parts/text.tsx";
import { duration } from "../../parts/time.tsx";
import { hookSaid } from "../operations/hook-said.ts";
import { OutcomeStatus } from "../operations/outcome-status.tsx";

interface SimulateProps {
  readonly event: string;
  /** Params, as JSON. */
  readonly example: string;
}

/** What all hooks would say to these params; nothing comes of it. */
export function Simulate({ event, example }: SimulateProps) {
  const [text, setText] = useState(example);
  const [fault, setFault] = useState<string>();
  const simulate = useRequest({
    mutationFn: (params: Readonly<Record<string, unknown>>) =>
      call("simulateEvent", { params: { event }, body: { params } }),
  });
  const run = (): void => {
    const read = paramsIn(text);
    setFault(typeof read === "string" ? read : undefined);
    if (typeof read !== "string") simulate.mutate(read);
  };
  return (
    <Card title="What would the hooks say?">
      <form
        onSubmit={(submitted) => {
          submitted.preventDefault();
          run();
        }}
      >
        <Stack>
          <TextArea
            label="Params, as JSON"
            rows={8}
            value={text}
            onValue={setText}
            error={fault}
            hint="The functions run, with dry_run: true. Nothing is recorded, and nothing is done."
            onKeyDown={(key) => {
              if (key.key !== "Enter" || !(key.ctrlKey || key.metaKey)) return;
              key.preventDefault();
              run();
            }}
          />
          <Row>
            <Button look="primary" type="submit" busy={simulate.isPending}>
              Simulate
            </Button>
            <Button look="ghost" onClick={() => setText(example)}>
              Back to the example
            </Button>
          </Row>
          {simulate.isError && <Problem error={simulate.error} />}
        </Stack>
      </form>
      <div aria-live="polite">{simulate.data !== undefined && <Simulated simulation={simulate.data} />}</div>
    </Card>
  );
}

/** What is wrong with it, in a sentence. */
function paramsIn(text: string): Readonly<Record<string, unknown>> | string {
  try {
    const read: unknown = JSON.parse(text);
    if (typeof read === "object" && read !== null && !Array.isArray(read)) return { ...read };
    return 'must be an object, such as {"username": "ada"}';
  } catch (thrown) {
    return `is no JSON: ${thrown instanceof Error ? thrown.message : String(thrown)}`;
  }
}

function Simulated({ simulation }: { readonly simulation: Simulation }) {
  const { outcome, message, params, hooks, conflicts, duration_ms: took } = simulation;
  const named = (id: number): string =>
    hooks.find(({ subscriber_id }) => subscriber_id === id)?.function_name ?? `subscriber ${id}`;
  return (
    <Stack>
      <Row>
        <OutcomeStatus outcome={outcome} />
        <span>in {duration(took)}</span>
        {message !== null && <Text max={600}>{message}</Text>}
      </Row>
      {hooks.length === 0 && <p>No hook is subscribed: it would be done as it is.</p>}
      {hooks.map((hook) => (
        <Verdict key={hook.subscriber_id} hook={hook} />
      ))}
      {conflicts.map(({ path, subscriber_ids: ids }) => (
        <p key={path}>
          Hooks wanted different things at{" "}
          <Text mono max={200}>
            {path}
          </Text>
          : <Text max={400}>{ids.map(named).join(", then ")}</Text>; the last had its way.
        </p>
      ))}
      <h3>Params after the hooks</h3>
      <TextBlock label="Params after the hooks">{JSON.stringify(params, null, 2)}</TextBlock>
    </Stack>
  );
}

function Verdict({ hook }: { readonly hook: SimulatedHook }) {
  const { word, tone, why } = hookSaid(hook);
  const { logs, verdict, stage, function_name: name } = hook;
  return (
    <section aria-label={name}>
      <Stack>
        <Row>
          <Status tone={tone}>{word}</Status>
          <strong>
            <Text max={120}>{name}</Text>
          </strong>
          <span>{stage}</span>
          <span>{duration(hook.duration_ms)}</span>
          {why !== undefined && <Text max={600}>{why}</Text>}
        </Row>
        {verdict?.patch !== undefined && (
          <TextBlock label={`What ${name} would change`}>{JSON.stringify(verdict.patch, null, 2)}</TextBlock>
        )}
        {logs.length > 0 && (
          <TextBlock label={`Logs of ${name}`}>
            {logs.map(({ at_ms: at, level, message }) => `${at.toFixed(0)} ms  ${level}  ${message}`).join("\n")}
          </TextBlock>
        )}
      </Stack>
    </section>
  );
}
