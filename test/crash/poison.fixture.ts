/** A server that is killed by itself when it dispatches an event of the object `poison`, unless it is told that this is mended. */

import { Sight } from "../../src/delivery/visibility.ts";
import type { Event } from "../../src/domain/event.ts";
import { parseConfig, start } from "../../src/index.ts";

type Among = Sight["among"];
const among = Reflect.get<Sight, "among">(Sight.prototype, "among");
const deadly = (event: Event): boolean => event.data["key"] === "poison" && process.env["POISON_MENDED"] === undefined;
Sight.prototype.among = function (this: Sight, ...given: Parameters<Among>) {
  if (deadly(given[0])) process.kill(process.pid, "SIGKILL");
  return Reflect.apply(among, this, given);
};

const signalbox = await start(parseConfig(process.env, []));
process.stdout.write(`ready api=${signalbox.url} s3=${signalbox.s3Url}\n`);
