import type { Server } from "node:net";

/** What a receiver in a process of its own tells its parent: its port at once, and every few milliseconds how many requests it has answered. */

const tickMs = 2;

/** The process ends with its parent. */
export function reportAnswered(server: Server, answered: () => number): void {
  let reported = 0;
  server.listen(0, "127.0.0.1", () => {
    const address = server.address();
    process.send?.({ port: typeof address === "object" ? address?.port : 0 });
  });
  setInterval(() => {
    if (answered() === reported) return;
    reported = answered();
    process.send?.({ answered: reported });
  }, tickMs);
  process.on("disconnect", () => process.exit());
}
