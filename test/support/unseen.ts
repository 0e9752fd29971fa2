import type { Egress, EgressAnswer } from "../../src/targets/egress.ts";

/** An answer without what was seen on the wire, which no two requests have in common. */
export function unseen(answer: EgressAnswer): EgressAnswer {
  const { seen: _, ...rest } = answer;
  return rest;
}

/** The same way out, whose answers are {@link unseen}. */
export function unseeing(out: Egress): Egress {
  return {
    post: async (request) => unseen(await out.post(request)),
    send: (request) => out.send(request),
    close: () => out.close(),
    [Symbol.asyncDispose]: () => out[Symbol.asyncDispose](),
  };
}
