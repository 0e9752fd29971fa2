import { Link, useParams } from "@tanstack/react-router";
import type { WholeEvent } from "../../../client/operations.ts";
import { call } from "../../api/client.ts";
import { useRequest } from "../../api/request.ts";
import { Button } from "../../parts/button.tsx";
import { Problem } from "../../parts/notice.tsx";
import { Row } from "../../parts/page.tsx";
import { Time } from "../../parts/time.tsx";

interface LastEventProps {
  readonly type: string;
  /** With what it told, as JSON. */
  readonly onParams: (params: string) => void;
}

/** Pages that are looked through: of a type that is rare most of them may be empty. */
const mostPages = 20;

/** What comes before an operation is kept only as what came of it, which tells the same of the same thing. */
function keptAs(type: string): string {
  return type.replace(/^PRE_/, "POST_");
}

async function lastOf(type: string): Promise<WholeEvent | undefined> {
  let cursor: string | undefined;
  for (let page = 0; page < mostPages; page += 1) {
    const query = {
      face: "lifecycle",
      event: keptAs(type),
      limit: 1,
      ...(cursor === undefined ? {} : { cursor }),
    } as const;
    const { events, next_cursor: next } = await call("listLoggedEvents", { query });
    const [found] = events;
    if (found !== undefined) return call("getLoggedEvent", { params: { id: found.id } });
    if (next === undefined) return undefined;
    cursor = next;
  }
  return undefined;
}

/** Fills in what the last event of a type told. */
export function LastEvent({ type, onParams }: LastEventProps) {
  const { tenant } = useParams({ from: "/t/$tenant" });
  const looking = useRequest({
    mutationFn: () => lastOf(type),
    onSuccess: (found) => {
      if (found !== undefined) onParams(JSON.stringify(found.data, null, 2));
    },
  });
  const { data: found } = looking;
  return (
    <>
      <Row>
        <Button busy={looking.isPending} onClick={() => looking.mutate()}>
          Fill in the last {keptAs(type)}
        </Button>
        <span role="status">
          {looking.isSuccess && found === undefined && "There is none that is kept."}
          {found !== undefined && (
            <>
              As it told{" "}
              <Link to="/t/$tenant/events/$id" params={{ tenant, id: found.id }}>
                <Time at={found.time} />
              </Link>
              , without what is sensitive.
            </>
          )}
        </span>
      </Row>
      {looking.isError && <Problem error={looking.error} />}
    </>
  );
}
