/** A server that is killed by itself when it dispatches an event of the object `poison`, unless it is told that this is mended. */
import { Sight } from "../../src/engine/sight.ts";
import { parseConfig, start } from "../../src/index.ts";

const among = Sight.prototype.among;
Sight.prototype.among = function (event, subscriptions) {
  if (event.data["key"] === "poison" && process.env["POISON_MENDED"] === undefined)
    process.kill(process.pid, "SIGKILL");
  return among.call(this, event, subscriptions);
};

const signalbox = await start(parseConfig(process.env, []));
process.stdout.write(`ready api=${signalbox.url} s3=${signalbox.s3Url}\n`);
