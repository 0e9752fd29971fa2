import { httpListener } from "../support/listeners.ts";

export interface HeldHost extends AsyncDisposable {
  /** With its port, as functions list it. */
  readonly host: string;
  readonly url: string;
  /** Resolves with the first request. */
  readonly asked: Promise<void>;
  /** From now on every request is answered, those that wait too. */
  go(): void;
}

/** A host that answers when told to. */
export async function heldHost(): Promise<HeldHost> {
  const came = Promise.withResolvers<void>();
  const going = Promise.withResolvers<void>();
  const listener = await httpListener((_request, response) => {
    came.resolve();
    void going.promise.then(() => response.end());
  });
  const host = `127.0.0.1:${listener.port}`;
  return {
    host,
    url: `http://${host}/`,
    asked: came.promise,
    go: () => going.resolve(),
    [Symbol.asyncDispose]: () => listener[Symbol.asyncDispose](),
  };
}
