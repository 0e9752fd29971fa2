import { useEffect, useState } from "react";
import { type Away, askReach, useAway } from "../api/reach.ts";
import { Button } from "../parts/button.tsx";
import { CopyButton } from "../parts/copy.tsx";
import { duration } from "../parts/time.tsx";
import styles from "./away-banner.module.css";

/** Above everything while the server takes no requests: why, for how long, and that nothing typed is lost. */
export function AwayBanner() {
  const away = useAway();
  return <div role="status">{away !== undefined && <Reason away={away} />}</div>;
}

const titles: Readonly<Record<string, string>> = {
  offline: "The server does not answer",
  storage_full: "The server's disk is full: nothing can be written",
  unavailable: "The server takes no requests now",
};

function Reason({ away }: { readonly away: Away }) {
  const [asking, setAsking] = useState(false);
  const { code, reason, requestId, sinceMs } = away;
  const askNow = (): void => {
    setAsking(true);
    void askReach().finally(() => setAsking(false));
  };
  return (
    <div className={styles["banner"]}>
      <p>
        <strong>{titles[code] ?? "The server cannot be reached through what stands before it"}</strong>
        {code === "offline"
          ? ". What you typed stays here; it goes on by itself once the server is back."
          : `: ${reason}`}
      </p>
      <p className={styles["facts"]}>
        {/* Each second anew: not to be read out. */}
        <span aria-hidden="true">
          For <Elapsed sinceMs={sinceMs} />
        </span>
        {requestId !== undefined && (
          <>
            <code>{code}</code> <code>{requestId}</code> <CopyButton text={requestId} what="the request's id" />
          </>
        )}
        <Button look="ghost" busy={asking} onClick={askNow}>
          Ask now
        </Button>
      </p>
    </div>
  );
}

function Elapsed({ sinceMs }: { readonly sinceMs: number }) {
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), 1_000);
    return () => clearInterval(timer);
  }, []);
  return duration(Math.max(1, Math.round((nowMs - sinceMs) / 1_000)) * 1_000);
}
