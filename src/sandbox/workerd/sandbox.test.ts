import { describeSandbox } from "../../../test/conformance/sandbox.ts";
import { systemClock } from "../../clock.ts";
import { parseEgressAllow } from "../../domain/egress.ts";
import { silentLog } from "../../log.ts";
import { workerdSandbox } from "./sandbox.ts";

describeSandbox("workerd", ({ limits = {}, allow = parseEgressAllow([]) } = {}) =>
  workerdSandbox({ limits, egressAllow: allow, clock: systemClock, log: silentLog }),
);
