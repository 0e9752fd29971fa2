import { systemClock } from "../../clock.ts";
import { silentLog } from "../../log.ts";
import { parseEgressAllow } from "../../targets/addresses.ts";
import { describeSandbox } from "../conformance.ts";
import { workerdSandbox } from "./sandbox.ts";

describeSandbox("workerd", ({ limits = {}, allow = parseEgressAllow([]) } = {}) =>
  workerdSandbox({ limits, egressAllow: allow, clock: systemClock, log: silentLog }),
);
