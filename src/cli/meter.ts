import type { Progress } from "../check/progress.ts";

/** How far something long is, for the person at a terminal: a bar that is drawn over, and where there is no terminal a line now and then. */

/** Where it is drawn: `process.stderr`, so that what is printed for programs stays as it is. */
interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

export interface ProgressMeter {
  readonly progress: Progress;
  /** Nothing of a bar stays. */
  end(): void;
}

/** A terminal shows no more in a second than eyes take in. */
const drawnEveryMs = 100;
/** A log of a program that runs by night is read afterwards. */
const saidEveryMs = 5_000;
/** What was begun so short a time ago says nothing of how long the rest takes. */
const soonMs = 2_000;
const barWidth = 24;

/** @param nowMs goes on, whatever the clock on the wall does. */
export function meterOn(screen: Screen, nowMs: () => number): ProgressMeter {
  const isTerminal = screen.isTTY === true;
  let doing = "";
  let beganMs = nowMs();
  let shownMs = beganMs;
  let isDrawn = false;
  const show = (text: string): void => {
    screen.write(isTerminal ? `\r\u001b[2K${text.slice(0, (screen.columns ?? 80) - 1)}` : `${text}\n`);
    isDrawn = true;
    shownMs = nowMs();
  };
  return {
    progress: (step) => {
      if (step.doing !== doing) {
        doing = step.doing;
        beganMs = nowMs();
        // A bar at once; a line only for what takes long.
        if (isTerminal) show(drawn(step, 0, isTerminal));
        else shownMs = beganMs;
        return;
      }
      if (nowMs() - shownMs < (isTerminal ? drawnEveryMs : saidEveryMs)) return;
      show(drawn(step, nowMs() - beganMs, isTerminal));
    },
    end: () => {
      if (isTerminal && isDrawn) screen.write("\r\u001b[2K");
      isDrawn = false;
      doing = "";
    },
  };
}

const count = new Intl.NumberFormat("en");

function drawn({ doing, done, total }: Parameters<Progress>[0], spentMs: number, isTerminal: boolean): string {
  if (total === undefined) return `${doing}: ${count.format(done)}`;
  const share = total === 0 ? 1 : Math.min(1, done / total);
  const filled = Math.floor(share * barWidth);
  const bar = isTerminal ? `[${"#".repeat(filled)}${".".repeat(barWidth - filled)}] ` : "";
  const left = done > 0 && spentMs > soonMs ? `, ${remaining((spentMs / done) * (total - done))} left` : "";
  return `${doing}: ${bar}${Math.floor(share * 100)} %, ${count.format(done)} of ${count.format(total)}${left}`;
}

function remaining(ms: number): string {
  if (ms < 60_000) return `${Math.ceil(ms / 1_000)} s`;
  if (ms < 3_600_000) return `${Math.ceil(ms / 60_000)} min`;
  return `${(ms / 3_600_000).toFixed(1)} h`;
}
