import { useQuery } from "@tanstack/react-query";
import type { Attempt, AttemptDetail } from "../../../client/operations.ts";
import { call } from "../../api/client.ts";
import { CopyButton, Id } from "../../parts/copy.tsx";
import { Loaded } from "../../parts/loaded.tsx";
import { Card, Fact, Facts, Row, Stack } from "../../parts/page.tsx";
import { Payload } from "../../parts/payload.tsx";
import { reasonText } from "../../parts/reason.ts";
import { Status } from "../../parts/status.tsx";
import { Text, TextBlock } from "../../parts/text.tsx";
import { duration, Time } from "../../parts/time.tsx";
import styles from "./attempts.module.css";
import { asCurl } from "./curl.ts";

interface AttemptCardProps {
  /** Of the delivery. */
  readonly id: string;
  readonly attempt: Attempt;
}

/** An attempt: what was sent, and what came back. */
export function AttemptCard({ id, attempt }: AttemptCardProps) {
  const { number } = attempt;
  const detail = useQuery({
    queryKey: ["getDeliveryAttempt", id, number],
    queryFn: ({ signal }) => call("getDeliveryAttempt", { params: { id, number: String(number) } }, { signal }),
  });
  const request = detail.data?.request ?? undefined;
  return (
    <Card
      title={`Attempt ${number}`}
      actions={
        request !== undefined && <CopyButton text={asCurl(request)} what="as curl command" shown="Copy as curl" />
      }
    >
      <Row>
        <Status tone={attempt.reason === null ? "good" : "bad"}>
          {attempt.reason === null ? "acknowledged" : "failed"}
        </Status>
        <span>{answered(attempt)}</span>
        <span>in {duration(attempt.duration_ms)}</span>
        <Time at={attempt.started_at} exact />
      </Row>
      {attempt.batch !== null && (
        <p>
          One of {attempt.batch.size.toLocaleString("en")} events in the request{" "}
          <Id id={attempt.batch.id} of="request" />
        </p>
      )}
      {attempt.error !== null && attempt.error !== `answered ${attempt.status}` && (
        <p>
          <Text max={1_000}>{attempt.error}</Text>
        </p>
      )}
      <Loaded state={detail}>{(known) => <Details known={known} snippet={attempt.snippet} id={id} />}</Loaded>
    </Card>
  );
}

/** What came of it, in a word or two. */
export function answered({ status, reason }: Attempt): string {
  if (status !== null) return `HTTP ${status}`;
  return reason === null ? "no answer" : reasonText(reason);
}

interface DetailsProps {
  readonly known: AttemptDetail;
  readonly snippet: string | null;
  readonly id: string;
}

function Details({ known: { request, answer, input, mail, rendered, number }, snippet, id }: DetailsProps) {
  return (
    <div className={styles["exchange"]}>
      <Stack>
        <h3>Sent</h3>
        {rendered === "changed" && <p>The subscription was changed since: this is what it would send now.</p>}
        {rendered === "part" && <p>Other events were in the request: this is what it had of this one.</p>}
        {request !== null && (
          <>
            <TextBlock label="The request's head">{`${request.method} ${request.url}\n${shown(request.headers)}`}</TextBlock>
            <Payload label="The request's body" fileName={`${id}.json`}>
              {request.body}
            </Payload>
          </>
        )}
        {input !== null && <TextBlock label="What the function was given">{JSON.stringify(input, null, 2)}</TextBlock>}
        {mail !== null && <TextBlock label="The mail's text">{mail.text}</TextBlock>}
        {request === null && input === null && mail === null && <p>What was sent cannot be shown any more.</p>}
      </Stack>
      <Stack>
        <h3>Received</h3>
        {answer !== null && <Received answer={answer} />}
        {snippet !== null && snippet !== "" ? (
          <Payload label="The answer's body" fileName={`${id}-${number}-answer.txt`}>
            {snippet}
          </Payload>
        ) : (
          <p>It had no body, or none is kept.</p>
        )}
      </Stack>
    </div>
  );
}

type Headers = readonly { readonly name: string; readonly value: string | null }[];

function shown(headers: Headers): string {
  return headers.map(({ name, value }) => `${name}: ${value ?? "•••"}`).join("\n");
}

function Received({ answer }: { readonly answer: NonNullable<AttemptDetail["answer"]> }) {
  return (
    <>
      {answer.headers !== null && <TextBlock label="The answer's headers">{shown(answer.headers)}</TextBlock>}
      {answer.headers_cut && <p>There were more headers than are kept.</p>}
      <Facts>
        <Fact name="Address">{answer.remote_address ?? "–"}</Fact>
        <Fact name="Name looked up in">{timed(answer.dns_ms)}</Fact>
        <Fact name="Connected in">{answer.connection_reused ? "kept from before" : timed(answer.connect_ms)}</Fact>
        <Fact name="First byte after">{timed(answer.first_byte_ms)}</Fact>
      </Facts>
    </>
  );
}

function timed(ms: number | null): string {
  return ms === null ? "–" : duration(ms);
}
