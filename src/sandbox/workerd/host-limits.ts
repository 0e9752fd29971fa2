/** What functions may cost this process by what they ask of it, whatever they do with the way to it. */
export const hostLimits = {
  /** Under way at once, of one call. */
  callRequests: 64,
  /** Under way at once, of all calls in one process. */
  processRequests: 256,
  /** Method, path and headers of a request, as JSON. */
  headBytes: 65_536,
  /** Of one request, head included. The shim refuses a million characters more, in a way that the function sees as an error. */
  requestBytes: 4 * 2 ** 20,
  /** Requests and answers that are on their way at once, of one process. */
  processBytes: 16 * 2 ** 20,
  /** The same of all processes. */
  allBytes: 64 * 2 ** 20,
  /** Until a request has come as a whole, and again until its answer is taken. */
  transferMs: 10_000,
} as const;
