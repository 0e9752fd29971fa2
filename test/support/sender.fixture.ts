import { parentPort, workerData } from "node:worker_threads";
import type { SenderData } from "../../src/targets/senders/messages.ts";
import { serveLetters } from "../../src/targets/senders/serve.ts";
import { fakeClock } from "./clock.ts";
import { type GivenToSender, lookupOf } from "./egress.ts";

/** A sender with the names and the clock of a test. */
const { names, time } = (workerData as SenderData).given as GivenToSender;
const clock = time === undefined ? undefined : fakeClock(time.beginMs);
serveLetters({
  ...(clock === undefined ? {} : { clock }),
  ...(names === undefined ? {} : { lookup: lookupOf(names) }),
});
if (time !== undefined && clock !== undefined) {
  const move = (): void => clock.advance((time.nowMs[0] ?? 0) - clock.steady());
  const channel = new BroadcastChannel(time.channel);
  channel.unref();
  channel.onmessage = move;
  // What was told before this thread listened.
  parentPort?.on("message", () => setImmediate(move));
}
