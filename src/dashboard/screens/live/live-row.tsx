import { Link } from "@tanstack/react-router";
import { memo, type ReactNode, useContext } from "react";
import type { News } from "../../api/live-stream.ts";
import { Button } from "../../parts/button.tsx";
import { RowLink } from "../../parts/row-link.tsx";
import { Status, type Tone } from "../../parts/status.tsx";
import { Text } from "../../parts/text.tsx";
import { type Zone, ZoneContext } from "../../parts/time.tsx";
import styles from "./live.module.css";

interface LiveRowProps {
  readonly news: News;
  readonly tenant: string;
  readonly onLoad: (gap: News) => void;
}

const tones: Readonly<Record<string, Tone>> = {
  delivered: "good",
  succeeded: "good",
  done: "good",
  dead: "bad",
  failed: "bad",
  waiting: "busy",
  pending: "busy",
  running: "busy",
};

/** One thing that happened, which leads to where more is known of it. */
export const LiveRow = memo(function LiveRow({ news, tenant, onLoad }: LiveRowProps) {
  const { event, data } = news;
  const zone = useContext(ZoneContext);
  if (event === "gap") return <Gap news={news} onLoad={onLoad} />;
  const state = text(data["status"]) ?? text(data["state"]);
  return (
    <li>
      <span className={styles["time"]}>{timeOf(data, zone)}</span>
      <span className={styles["kind"]}>{event}</span>
      {state !== undefined && <Status tone={tones[state] ?? "quiet"}>{state}</Status>}
      <span className={styles["grow"]}>
        <Leading news={news} tenant={tenant} />
      </span>
    </li>
  );
});

function Gap({ news, onLoad }: { readonly news: News; readonly onLoad: (gap: News) => void }) {
  const missed = Number(news.data["missed"]).toLocaleString("en");
  return (
    <li>
      <span className={styles["grow"]}>
        Gap of {news.data["exact"] === true ? "" : "up to "}
        {missed}
      </span>
      <Button onClick={() => onLoad(news)}>Load</Button>
    </li>
  );
}

function Leading({ news: { event, data }, tenant }: { readonly news: News; readonly tenant: string }): ReactNode {
  const id = text(data["id"]) ?? String(data["id"]);
  const within = `/t/${encodeURIComponent(tenant)}`;
  switch (event) {
    case "delivery": {
      const of = (data["event"] ?? {}) as Readonly<Record<string, unknown>>;
      return (
        <RowLink path={`${within}/deliveries/${id}`}>
          <Text max={160}>{named(of["name"], data["bucket"], of["key"] ?? of["resource"])}</Text>
        </RowLink>
      );
    }
    case "event": {
      const names = Object.values((data["names"] ?? {}) as Readonly<Record<string, string>>);
      return (
        <RowLink path={`${within}/events/${id}`}>
          <Text max={160}>{named(names[0], data["bucket"], data["key"] ?? data["resource"])}</Text>
        </RowLink>
      );
    }
    case "redrive":
      return (
        <Link to="/t/$tenant/redrives" params={{ tenant }}>
          {`${Number(data["redriven"]).toLocaleString("en")} sent again`}
        </Link>
      );
    default:
      return (
        <Link
          to="/t/$tenant/functions/$app/$fn/$tab"
          params={{ tenant, app: text(data["app_slug"]) ?? "", fn: text(data["function_slug"]) ?? "", tab: "runs" }}
          search={{ run: id }}
        >
          <Text max={160}>{named(data["event_type"], undefined, data["function_slug"])}</Text>
        </Link>
      );
  }
}

function named(name: unknown, bucket: unknown, what: unknown): string {
  const place = [text(bucket), text(what)].filter((part) => part !== undefined).join("/");
  return [text(name), place].filter((part) => part !== undefined && part !== "").join(" ");
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

const clock = { hour: "2-digit", minute: "2-digit", second: "2-digit", fractionalSecondDigits: 3 } as const;
const clocks = {
  utc: new Intl.DateTimeFormat("en-GB", { ...clock, timeZone: "UTC" }),
  local: new Intl.DateTimeFormat("en-GB", clock),
} as const satisfies Record<Zone, Intl.DateTimeFormat>;

/** The time of day: what comes is of now. */
function timeOf(data: News["data"], zone: Zone): string {
  const last = (data["last_attempt"] ?? data["event"]) as Readonly<Record<string, unknown>> | undefined;
  const at = text(data["time"]) ?? text(last?.["started_at"]) ?? text(last?.["time"]) ?? text(data["created_at"]) ?? "";
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? "" : clocks[zone].format(date);
}
