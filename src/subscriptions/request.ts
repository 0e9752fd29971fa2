import type { Subscription } from "../domain/subscription.ts";
import type { CaptureInput, PaceInput, RetryInput } from "./options.ts";
import type { PlaceInput } from "./place.ts";
import type { Surface } from "./surfaces.ts";
import type { TargetChange, TargetInput } from "./target-kinds/target-kinds.ts";

/** A requested subscription or change, as a face has read it. */

interface Options extends RetryInput, PaceInput, CaptureInput {
  /** `null` takes it away. */
  readonly filter?: string | null;
  /** False: for the first event that it meets only. Default true. */
  readonly persistent?: boolean;
  /** Default true. */
  readonly enabled?: boolean;
}

/** What is absent has its default. */
export interface RequestedSubscription extends PlaceInput, Options {
  readonly surface: Surface;
  readonly target: TargetInput;
}

/** What is absent stays; `null` takes away. */
export interface RequestedChange extends Partial<PlaceInput>, Options {
  readonly target?: TargetChange;
  /** Takes the place of the target that there is; a webhook keeps its signing keys. */
  readonly replacement?: TargetInput;
}

/** What came of it. */
export interface Granted<S extends Subscription = Subscription> {
  readonly subscription: S;
  /** Of a webhook that had none before, to be shown once. */
  readonly signingSecret?: string;
  /** What is doubtful about what was asked for. */
  readonly warnings?: readonly string[];
}
