import { SignalboxError } from "../../errors.ts";
import type { Library } from "./library.ts";

/** What `start` gives, as far as it concerns this: it is distinguished from others by what it is, not by what it says. */
export type Handle<Name extends string = string> = AsyncDisposable & {
  readonly url: string;
  readonly eventTypes?: readonly Name[];
};

/**
 * The Signalboxes that run in this process, by the handle that `start` gave out. It is state of the module, so that a host's code
 * can say `new EventService({ tenant })` anywhere without a handle being passed around.
 */
const running = new Map<Handle, Library>();

/** Says that `handle` runs. The returned function takes that back; calling it again does nothing. */
export function nowRunning(handle: Handle, library: Library): () => void {
  running.set(handle, library);
  return () => void running.delete(handle);
}

/**
 * The library of the Signalbox with that handle; without one, of the only one that runs here.
 *
 * @throws SignalboxError `unavailable` when it does not run, `conflict` when several run and none is named.
 */
export function libraryOf(handle: Handle | undefined): Library {
  if (handle !== undefined) {
    const library = running.get(handle);
    if (library !== undefined) return library;
    throw new SignalboxError(
      "unavailable",
      "the Signalbox that this EventService was made for does not run (any more)",
    );
  }
  const [only, another] = running.values();
  if (only === undefined) {
    throw new SignalboxError("unavailable", "no Signalbox runs in this process: call start(config) first");
  }
  if (another === undefined) return only;
  throw new SignalboxError("conflict", "several Signalboxes run in this process: give EventService the one to use");
}
