import { useQuery } from "@tanstack/react-query";
import { call } from "../../api/client.ts";
import type { AttemptDetail } from "../../api/operations.ts";
import { Loading, Problem } from "../../parts/notice.tsx";
import { Fact, Facts, Stack } from "../../parts/page.tsx";
import { TextBlock } from "../../parts/text.tsx";
import { duration } from "../../parts/time.tsx";

interface AttemptDetailProps {
  /** Of the delivery. */
  readonly id: string;
  readonly number: number;
}

/** What an attempt sent, and what came back. */
export function AttemptDetails({ id, number }: AttemptDetailProps) {
  const detail = useQuery({
    queryKey: ["getDeliveryAttempt", id, number],
    queryFn: ({ signal }) => call("getDeliveryAttempt", { params: { id, number: String(number) } }, { signal }),
  });
  if (detail.isPending) return <Loading rows={3} />;
  if (detail.isError) return <Problem error={detail.error} onRetry={() => void detail.refetch()} />;
  const { request, answer, input, mail, rendered } = detail.data;
  return (
    <Stack>
      {rendered === "changed" && <p>The subscription was changed since: this is what it would send now.</p>}
      {request !== null && <Sent request={request} />}
      {input !== null && <TextBlock label="What the function was given">{JSON.stringify(input, null, 2)}</TextBlock>}
      {mail !== null && <TextBlock label="The mail's text">{mail.text}</TextBlock>}
      {answer !== null && <Received answer={answer} />}
      {request === null && input === null && mail === null && <p>What was sent cannot be shown any more.</p>}
    </Stack>
  );
}

type Headers = readonly { readonly name: string; readonly value: string | null }[];

function shown(headers: Headers): string {
  return headers.map(({ name, value }) => `${name}: ${value ?? "•••"}`).join("\n");
}

function Sent({ request }: { readonly request: NonNullable<AttemptDetail["request"]> }) {
  return (
    <>
      <h3>Sent</h3>
      <TextBlock label="The request's head">{`${request.method} ${request.url}\n${shown(request.headers)}`}</TextBlock>
      <TextBlock label="The request's body">{request.body}</TextBlock>
    </>
  );
}

function Received({ answer }: { readonly answer: NonNullable<AttemptDetail["answer"]> }) {
  return (
    <>
      <h3>Received</h3>
      {answer.headers !== null && <TextBlock label="The answer's headers">{shown(answer.headers)}</TextBlock>}
      {answer.headers_cut && <p>There were more headers than are kept.</p>}
      <Facts>
        <Fact name="From">{answer.remote_address ?? "–"}</Fact>
        <Fact name="Name found after">{timed(answer.dns_ms)}</Fact>
        <Fact name="Connected after">{answer.connection_reused ? "used again" : timed(answer.connect_ms)}</Fact>
        <Fact name="First byte after">{timed(answer.first_byte_ms)}</Fact>
      </Facts>
    </>
  );
}

function timed(ms: number | null): string {
  return ms === null ? "–" : duration(ms);
}
