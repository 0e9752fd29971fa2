/** A server that is killed by itself when it dispatches an event of the object `poison`, unless it is told that this is mended. */

import { Visibility } from "../../src/delivery/visibility.ts";
import type { Event } from "../../src/domain/event.ts";
import { parseConfig, start } from "../../src/index.ts";

type Among = Visibility["among"];
const among = Reflect.get<Visibility, "among">(Visibility.prototype, "among");
const deadly = (event: Event): boolean => event.data["key"] === "poison" && process.env["POISON_MENDED"] === undefined;
Visibility.prototype.among = function (this: Visibility, ...given: Parameters<Among>) {
  if (deadly(given[0])) process.kill(process.pid, "SIGKILL");
  return Reflect.apply(among, this, given);
};

const signalbox = await start(parseConfig(process.env, []));
process.stdout.write(`ready api=${signalbox.url} s3=${signalbox.s3Url}\n`);
