/** What the transactions of a host have left and cannot be published. */
import type { AsideRow } from "../../../src/inbox/inbox.ts";
import type { Walk } from "../openapi-examples.ts";

const createdMs = Date.UTC(2026, 10, 20, 10, 30);

/** Two of them: one whose type is not declared, and one that does not fit its type. */
export const asideRows: readonly AsideRow[] = [
  {
    id: "41",
    event: "01a21f2d-9975-742c-9a9d-edcd78bb61e5",
    tenant: "acme",
    type: "POST_ORDER_SHIP",
    reason: '"POST_ORDER_SHIP" is no event type: declare it, and retry this',
    createdMs,
    asideMs: createdMs + 40,
  },
  {
    id: "57",
    event: "01a21f2d-9a02-7c1e-8f60-0d51a7c3be19",
    type: "POST_USER_CREATE",
    reason: "params.user_id: must be an integer",
    createdMs: createdMs + 60_000,
    asideMs: createdMs + 60_050,
  },
];

export async function walkInbox({ tell }: Walk): Promise<void> {
  await tell("GET", "/api/cloud/inbox/");
  await tell("POST", `/api/cloud/inbox/${asideRows[0]?.event}/retry/`);
  await tell("DELETE", `/api/cloud/inbox/${asideRows[1]?.event}/`);
}
