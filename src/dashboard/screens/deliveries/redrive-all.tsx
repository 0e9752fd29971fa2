import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { call } from "../../api/client.ts";
import { useRequest } from "../../api/request.ts";
import { Button } from "../../parts/button.tsx";
import { Confirm } from "../../parts/dialog.tsx";
import { TextField } from "../../parts/field.tsx";
import { Problem } from "../../parts/notice.tsx";
import { Stack } from "../../parts/page.tsx";
import type { RedriveBody } from "./delivery-search.ts";

interface RedriveAllProps {
  readonly tenant: string;
  readonly narrowed: RedriveBody;
  /** On its button. */
  readonly children?: string;
}

/** Sends all dead letters again that fit, after saying how many those are, at the pace that is chosen. */
export function RedriveAll({ tenant, narrowed, children = "Redrive all dead that fit…" }: RedriveAllProps) {
  const navigate = useNavigate();
  const [pace, setPace] = useState("");
  const perSecond = pace.trim() === "" ? undefined : Number(pace);
  const isPace = perSecond === undefined || (Number.isInteger(perSecond) && perSecond >= 1 && perSecond <= 100_000);
  const count = useRequest({
    mutationFn: () => call("createRedrive", { body: { ...narrowed, dry_run: true } }),
  });
  const start = useRequest({
    mutationFn: () =>
      call("createRedrive", { body: { ...narrowed, ...(perSecond === undefined ? {} : { per_second: perSecond }) } }),
    onSuccess: () => navigate({ to: "/t/$tenant/redrives", params: { tenant } }),
  });
  const found = count.data !== undefined && "dead_letters" in count.data ? count.data : undefined;
  const isNone = found?.dead_letters === 0;
  const number = found === undefined ? "" : `${found.dead_letters.toLocaleString("en")}${found.more ? " or more" : ""}`;
  return (
    <>
      <Button busy={count.isPending} onClick={() => count.mutate()}>
        {children}
      </Button>
      {count.isError && <Problem error={count.error} onRetry={() => count.mutate()} />}
      <Confirm
        title={isNone ? "Nothing to send again" : `Send ${number} dead letters again?`}
        action={isNone ? "Close" : "Send them again"}
        open={found !== undefined}
        busy={start.isPending}
        onConfirm={() => {
          if (isNone) count.reset();
          else if (isPace) start.mutate();
        }}
        onClose={() => count.reset()}
      >
        <Stack>
          <p>
            {isNone
              ? "No dead letter fits what you look for."
              : "Each keeps its id and has as many tries as a new one. Receivers that keep ids drop what they have seen."}
          </p>
          {!isNone && (
            <TextField
              label="At most so many a second"
              hint="Empty: as many as can be. A pace spares a receiver that has just come back."
              inputMode="numeric"
              value={pace}
              onValue={setPace}
              error={isPace ? undefined : "must be a whole number from 1 to 100,000"}
            />
          )}
          {start.isError && <Problem error={start.error} />}
        </Stack>
      </Confirm>
    </>
  );
}
