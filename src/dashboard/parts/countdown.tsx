import { useEffect, useState } from "react";

const units = [
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1_000],
] as const;

/** `23 h 59 min 8 s`; empty once it is over. */
function timeLeft(ms: number): string {
  let rest = Math.ceil(ms / 1_000) * 1_000;
  const parts = units.flatMap(([name, size]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return count > 0 ? [`${count} ${name}`] : [];
  });
  return parts.join(" ");
}

interface CountdownProps {
  readonly until: string;
  /** What it says once that is over. */
  readonly over: string;
}

/** What is left of a time, counted down. Screen readers are not told of each second. */
export function Countdown({ until, over }: CountdownProps) {
  const endMs = new Date(until).getTime();
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) setNowMs(Date.now());
    }, 1_000);
    return () => clearInterval(timer);
  }, []);
  return endMs <= nowMs ? <>{over}</> : <span role="timer">{`${timeLeft(endMs - nowMs)} left`}</span>;
}
