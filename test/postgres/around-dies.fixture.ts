/** A program that places an order in its own database, and is killed by itself at a point. Or it looks what became of that, and says so. */
import { EventService, parseConfig, start } from "../../src/index.ts";
import { connected, orderPlaced } from "../support/inboxes.ts";

const [point = "", url = ""] = process.argv.slice(2);
const config = parseConfig(process.env, []);
await using signalbox = await start(config, { events: [orderPlaced] });
const events = new EventService({ signalbox });

function dieAt(here: string): void {
  if (here !== point) return;
  process.kill(process.pid, "SIGKILL");
  throw new Error("this ends the process");
}

const tx = await connected(url);
await events.around(
  "ORDER_PLACE",
  { id: 1 },
  async (_params, context) => {
    dieAt("begun");
    await tx.query("BEGIN");
    await context.begin(tx);
    dieAt("noted");
    await tx.query("INSERT INTO public.orders VALUES (1, $1)", [context.operationId]);
    await context.done(tx, { id: 1 }, { resource: "order-1-900" });
    dieAt("written");
    if (point === "prepared") {
      await tx.query("PREPARE TRANSACTION 'placed'");
      dieAt("prepared");
    }
    await tx.query("COMMIT");
    dieAt("committed");
  },
  { user: "ada", noted: true },
);
dieAt("returned");
