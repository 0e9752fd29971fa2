/**
 * What `compute` gave last, shared by everybody who asks within `maxAgeMs` of its beginning, and by everybody who asks while it is under
 * way: however many ask, it is computed at most once in that time. A failure is shared alike.
 *
 * @param now milliseconds.
 */
export function recent<T>(now: () => number, maxAgeMs: number, compute: () => Promise<T>): () => Promise<T> {
  let last: { readonly sinceMs: number; readonly value: Promise<T> } | undefined;
  let underWay = false;
  return () => {
    const nowMs = now();
    // A clock that was set back must not keep an old answer for ever.
    const fresh = last !== undefined && nowMs >= last.sinceMs && nowMs - last.sinceMs < maxAgeMs;
    if (last !== undefined && (underWay || fresh)) return last.value;
    underWay = true;
    const value = compute().finally(() => {
      underWay = false;
    });
    last = { sinceMs: nowMs, value };
    return value;
  };
}
