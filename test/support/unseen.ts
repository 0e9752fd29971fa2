import type { EgressAnswer } from "../../src/targets/egress.ts";
import type { Asked } from "./egress.ts";

/** An answer without what was seen on the wire, which no two requests have in common. */
export function unseen(answer: EgressAnswer): EgressAnswer {
  const { seen: _, ...rest } = answer;
  return rest;
}

/** The same way out, whose answers are {@link unseen}. */
export function unseeing(out: Asked): Asked {
  return {
    post: async (request) => unseen(await out.post(request)),
    send: (letter, posting) => out.send(letter, posting),
    close: () => out.close(),
    [Symbol.asyncDispose]: () => out[Symbol.asyncDispose](),
  };
}
