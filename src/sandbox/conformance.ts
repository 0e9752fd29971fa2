import { describe } from "node:test";
import type { EgressAllow } from "../targets/addresses.ts";
import { describeApart } from "./conformance/apart.ts";
import { describeCalls } from "./conformance/calls.ts";
import { describeEnds } from "./conformance/ends.ts";
import { describeErrors } from "./conformance/errors.ts";
import { describeLogs } from "./conformance/logs.ts";
import { describeReach } from "./conformance/reach.ts";
import type { Sandbox, SandboxLimits } from "./sandbox.ts";

export interface SandboxOptions {
  readonly limits?: Partial<SandboxLimits>;
  /** Default: nothing but the public internet. */
  readonly allow?: EgressAllow;
}

export type OpenSandbox = (options?: SandboxOptions) => Promise<Sandbox>;

/** What every {@link Sandbox} must do. `open` gives one that nobody uses yet. */
export function describeSandbox(name: string, open: OpenSandbox): void {
  describe(name, () => {
    describeCalls(open);
    describeErrors(open);
    describeLogs(open);
    describeEnds(open);
    describeApart(open);
    describeReach(open);
  });
}
