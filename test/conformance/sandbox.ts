import { describe } from "node:test";
import type { EgressAllow } from "../../src/domain/egress.ts";
import type { Sandbox, SandboxLimits } from "../../src/sandbox/sandbox.ts";
import { describeApart } from "./sandbox/apart.ts";
import { describeCalls } from "./sandbox/calls.ts";
import { describeEnds } from "./sandbox/ends.ts";
import { describeErrors } from "./sandbox/errors.ts";
import { describeLogs } from "./sandbox/logs.ts";
import { describeReach } from "./sandbox/reach.ts";

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
