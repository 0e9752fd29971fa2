import { useState } from "react";
import { ApiError, call } from "../../api/client.ts";
import { useRequest } from "../../api/request.ts";
import { Button } from "../../parts/button.tsx";
import { Confirm } from "../../parts/dialog.tsx";
import { Problem } from "../../parts/notice.tsx";
import { Card, Row } from "../../parts/page.tsx";
import { Progress } from "../../parts/progress.tsx";

/** Requests at once. */
const together = 4;

interface Sent {
  readonly done: number;
  /** How many were refused, by what the server said. */
  readonly refused: ReadonlyMap<string, number>;
}

interface RedriveChosenProps {
  /** Of deliveries, on whatever page they stand. */
  readonly ids: ReadonlySet<string>;
  readonly onClear: () => void;
  readonly onSent: () => void;
}

/** Sends the deliveries that were chosen again, one by one, and says what came of it. */
export function RedriveChosen({ ids, onClear, onSent }: RedriveChosenProps) {
  const [isAsking, setAsking] = useState(false);
  const [done, setDone] = useState(0);
  const send = useRequest({
    mutationFn: () => sendAll([...ids], setDone),
    onMutate: () => {
      setAsking(false);
      setDone(0);
    },
    onSuccess: onSent,
  });
  const many = (count: number): string => `${count.toLocaleString("en")} ${count === 1 ? "delivery" : "deliveries"}`;
  return (
    <Card>
      <Row>
        <strong>{many(ids.size)} chosen</strong>
        <Button look="primary" busy={send.isPending} onClick={() => setAsking(true)}>
          Send again…
        </Button>
        <Button look="ghost" disabled={send.isPending} onClick={onClear}>
          Clear
        </Button>
        {send.data !== undefined && <span role="status">{told(send.data)}</span>}
      </Row>
      {send.isPending && (
        <Progress label="Sent again" value={done} max={ids.size}>
          {`${done.toLocaleString("en")} of ${ids.size.toLocaleString("en")}`}
        </Progress>
      )}
      {send.isError && <Problem error={send.error} />}
      <Confirm
        title={`Send ${many(ids.size)} again?`}
        action="Send them again"
        open={isAsking}
        onConfirm={() => send.mutate()}
        onClose={() => setAsking(false)}
      >
        <p>
          Each keeps its id and has as many tries as a new one. What still waits, or whose subscription is gone, is
          passed over.
        </p>
      </Confirm>
    </Card>
  );
}

function told({ done, refused }: Sent): string {
  const whys = [...refused].map(([why, count]) => `${count.toLocaleString("en")} not: ${why}`);
  return [`${done.toLocaleString("en")} wait to be sent again`, ...whys].join("; ");
}

async function sendAll(ids: readonly string[], onDone: (count: number) => void): Promise<Sent> {
  const left = ids.values();
  const refused = new Map<string, number>();
  let [done, tried] = [0, 0];
  const work = async (): Promise<void> => {
    for (const id of left) {
      try {
        await call("redriveDelivery", { params: { id } });
        done += 1;
      } catch (thrown) {
        if (!(thrown instanceof ApiError) || ![403, 404, 409].includes(thrown.status)) throw thrown;
        const why = thrown.message.replace(`'${id}' `, "");
        refused.set(why, (refused.get(why) ?? 0) + 1);
      }
      tried += 1;
      onDone(tried);
    }
  };
  await Promise.all(Array.from({ length: together }, work));
  return { done, refused };
}
