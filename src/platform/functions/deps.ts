import type { Clock } from "../../clock.ts";
import type { Publish } from "../../delivery/publish.ts";
import type { EgressAllow } from "../../domain/egress.ts";
import type { KeyedMutex } from "../../pace/keyed-mutex.ts";
import type { Slices } from "../../pace/slices.ts";
import type { Sandbox } from "../../sandbox/sandbox.ts";
import type { Vault } from "../../secrets/vault.ts";
import type { Store } from "../../store/store.ts";

/** What the verbs on functions work with. */
export interface FunctionDeps {
  readonly store: Store;
  readonly publish: Publish;
  readonly vault: Vault;
  readonly clock: Clock;
  readonly mutex: KeyedMutex;
  readonly slices: Slices;
  readonly sandbox: Pick<Sandbox, "check">;
  readonly egressAllow: EgressAllow;
  /** A hint that this subscription (`Subscription.number`) may send again, or never will. */
  readonly wake: (subscription: number) => void;
}

/**
 * Whatever changes a function or its subscriptions goes one at a time: to disable a function is to pause the subscriptions that it
 * has at that instant, and conditions cannot tell that another one has come.
 */
export function turnOfFunction(number: number): string {
  return `function ${number}`;
}
