import type { Came } from "./follow.ts";
import { printedLine } from "./print.ts";

type Data = Readonly<Record<string, unknown>>;

/** What came, on one line. */
export function liveLine({ event, data }: Came): string {
  switch (event) {
    case "event":
      return line(data["time"], "event", ...eventParts(data));
    case "delivery":
      return line(timeOf(data), "delivery", data["status"], ...deliveryParts(data));
    case "invocation":
      return line(
        data["created_at"],
        "invocation",
        data["status"],
        data["function_slug"],
        data["event_type"],
        ms(data["duration_ms"]),
      );
    case "redrive":
      return line(
        data["created_at"],
        "redrive",
        data["state"],
        `${printedLine(data["redriven"])} sent again`,
        data["id"],
      );
    case "gap":
      return `-- ${data["exact"] === true ? "" : "up to "}${printedLine(data["missed"])} left out: signalbox tail --cursor ${printedLine(data["cursor"])} --until ${printedLine(data["until"])}`;
    default:
      return line(undefined, event);
  }
}

/** The parts that are there, the time as a clock has it. */
function line(time: unknown, ...parts: readonly unknown[]): string {
  const clock = typeof time === "string" ? time.slice(11, 23) : "";
  return [clock.padEnd(12), ...parts.filter((part) => part !== undefined && part !== null).map(printedLine)].join("  ");
}

function eventParts(data: Data): readonly unknown[] {
  const names = Object.values((data["names"] ?? {}) as Readonly<Record<string, string>>);
  return [names.join("/"), placeOf(data), data["actor"] === null ? undefined : `by ${printedLine(data["actor"])}`];
}

function deliveryParts(data: Data): readonly unknown[] {
  const { name, key, resource } = (data["event"] ?? {}) as Data;
  const { status, reason, duration_ms: duration } = (data["last_attempt"] ?? {}) as Data;
  return [name, placeOf({ bucket: data["bucket"], key, resource }), status, reason, ms(duration), data["id"]];
}

function placeOf({ bucket, key, resource }: Data): unknown {
  return typeof bucket === "string" && typeof key === "string" ? `${bucket}/${key}` : resource;
}

function timeOf(data: Data): unknown {
  return ((data["last_attempt"] ?? data["event"] ?? {}) as Data)[data["last_attempt"] === null ? "time" : "started_at"];
}

function ms(duration: unknown): string | undefined {
  return typeof duration === "number" ? `${Math.round(duration)} ms` : undefined;
}
