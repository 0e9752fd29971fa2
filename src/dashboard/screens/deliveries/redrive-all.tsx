import { useMutation } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { call } from "../../api/client.ts";
import { Button } from "../../parts/button.tsx";
import { Confirm } from "../../parts/dialog.tsx";
import { Problem } from "../../parts/notice.tsx";

interface Narrowed {
  readonly bucket?: string;
  readonly rule?: string;
  readonly since?: string;
  readonly until?: string;
}

/** Sends all dead letters again that fit, after saying how many those are. */
export function RedriveAll({ tenant, narrowed }: { readonly tenant: string; readonly narrowed: Narrowed }) {
  const navigate = useNavigate();
  const count = useMutation({
    mutationFn: () => call("createRedrive", { body: { ...narrowed, dry_run: true } }),
  });
  const start = useMutation({
    mutationFn: () => call("createRedrive", { body: narrowed }),
    onSuccess: () => navigate({ to: "/t/$tenant/redrives", params: { tenant } }),
  });
  const found = count.data !== undefined && "dead_letters" in count.data ? count.data : undefined;
  const number = found === undefined ? "" : `${found.dead_letters.toLocaleString("en")}${found.more ? " or more" : ""}`;
  return (
    <>
      <Button busy={count.isPending} onClick={() => count.mutate()}>
        Redrive all dead that fit…
      </Button>
      {count.isError && <Problem error={count.error} onRetry={() => count.mutate()} />}
      <Confirm
        title={found?.dead_letters === 0 ? "Nothing to send again" : `Send ${number} dead letters again?`}
        action="Send them again"
        open={found !== undefined}
        busy={start.isPending}
        onConfirm={() => (found?.dead_letters === 0 ? count.reset() : start.mutate())}
        onClose={() => count.reset()}
      >
        <p>
          {found?.dead_letters === 0
            ? "No dead letter fits what you look for."
            : "Each keeps its id and has as many tries as a new one. Receivers that keep ids drop what they have seen."}
        </p>
        {start.isError && <Problem error={start.error} />}
      </Confirm>
    </>
  );
}
