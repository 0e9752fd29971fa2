import type { Answer } from "../../api/client.ts";
import { Loading, Problem } from "../../parts/notice.tsx";
import { Row, Stack } from "../../parts/page.tsx";
import { Status } from "../../parts/status.tsx";
import { Text, TextBlock } from "../../parts/text.tsx";
import { duration } from "../../parts/time.tsx";

export type Tried =
  | { readonly id: string; readonly state: "sending" }
  | { readonly id: string; readonly state: "sent"; readonly result: Answer<"testRule"> }
  | { readonly id: string; readonly state: "failed"; readonly error: unknown };

/** What a test event came to. */
export function TestResult({ tried }: { readonly tried: Tried }) {
  return (
    <section aria-label="Test event" aria-live="polite">
      {tried.state === "sending" && <Loading rows={1} />}
      {tried.state === "failed" && <Problem error={tried.error} />}
      {tried.state === "sent" && <Sent result={tried.result} />}
    </section>
  );
}

function Sent({ result }: { readonly result: Answer<"testRule"> }) {
  const isDelivered = result.outcome === "delivered";
  return (
    <Stack>
      <Row>
        <Status tone={isDelivered ? "good" : "bad"}>{isDelivered ? "acknowledged" : "not acknowledged"}</Status>
        <span>
          {result.status === null ? "No answer" : `${result.status}`} in {duration(result.duration_ms)}
        </span>
        {result.error !== null && <Text max={400}>{result.error}</Text>}
      </Row>
      {result.snippet !== null && result.snippet !== "" && (
        <TextBlock label="The answer's body">{result.snippet}</TextBlock>
      )}
    </Stack>
  );
}
