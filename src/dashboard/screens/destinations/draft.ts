import type {
  CreateDestinationRequest,
  Destination,
  DestinationTargetChange,
  UpdateDestinationRequest,
} from "../../../client/operations.ts";
import type { EditedPart } from "../../parts/conflict.tsx";
import { type AuthDraft, authOf, authTexts, noAuth } from "../subscriptions/auth-draft.ts";
import {
  newRequest,
  type PostedDraft,
  requestChanges,
  requestDraft,
  requestParts,
  usualRequest,
} from "../subscriptions/request-draft.ts";
import {
  given,
  newRetries,
  type RetryDraft,
  retryChanges,
  retryDraft,
  retryParts,
  typed,
  usualRetries,
} from "../subscriptions/sending-draft.ts";

/** What stands in the form of a destination, as it is typed, and what is sent of it. */
export interface DestinationDraft extends AuthDraft, PostedDraft, RetryDraft {
  /** Of a new one; it stays. */
  readonly name: string;
  readonly url: string;
  /** `face`: as each of those that go there has it; once another was said, that cannot be said again. */
  readonly ack: "face" | "200" | "2xx";
  readonly timeoutMs: string;
  readonly alerts: boolean;
}

export const emptyDraft: DestinationDraft = {
  ...noAuth,
  ...usualRequest,
  ...usualRetries,
  name: "",
  url: "",
  ack: "face",
  timeoutMs: "",
  alerts: true,
};

export function draftOf({ name, target, alerts, ...retries }: Destination): DestinationDraft {
  return {
    ...emptyDraft,
    name,
    url: target.url,
    auth: target.auth === null ? "none" : "keep",
    ack: target.ack ?? "face",
    timeoutMs: typed(target.timeout_ms),
    alerts,
    ...requestDraft(target),
    ...retryDraft(retries),
  };
}

/** The body of the request: what is left empty has the server's defaults. */
export function newBody(draft: DestinationDraft): CreateDestinationRequest {
  const auth = authOf(draft);
  return {
    name: draft.name.trim(),
    target: {
      type: "webhook",
      url: draft.url.trim(),
      ...(draft.ack === "face" ? {} : { ack: draft.ack }),
      ...(auth === undefined || auth === null ? {} : { auth }),
      ...newRequest(draft),
      ...given({ timeout_ms: draft.timeoutMs }),
    },
    ...newRetries(draft),
    ...(draft.alerts ? {} : { alerts: false }),
  };
}

/** Only what differs from what was opened: what others change meanwhile stays. */
export function changesOf(draft: DestinationDraft, opened: DestinationDraft): UpdateDestinationRequest {
  const target = targetChange(draft, opened);
  return {
    ...(Object.keys(target).length === 0 ? {} : { target }),
    ...(saysRetries(draft) || !saysRetries(opened) ? retryChanges(draft, opened) : { max_retries: null }),
    ...(draft.alerts === opened.alerts ? {} : { alerts: draft.alerts }),
  };
}

/** Whether it has retries for those that say none of their own. */
function saysRetries({ maxRetries, waits, jitter }: RetryDraft): boolean {
  return [maxRetries, waits, jitter].some((text) => text.trim() !== "");
}

function targetChange(draft: DestinationDraft, opened: DestinationDraft): DestinationTargetChange {
  const is = (name: keyof DestinationDraft): boolean => draft[name] !== opened[name];
  const auth = is("auth") || draft.credential !== "" ? authOf(draft) : undefined;
  return {
    ...(is("url") ? { url: draft.url.trim() } : {}),
    ...(auth === undefined ? {} : { auth }),
    ...(is("ack") && draft.ack !== "face" ? { ack: draft.ack } : {}),
    ...(is("timeoutMs") ? { timeout_ms: draft.timeoutMs.trim() === "" ? null : Number(draft.timeoutMs) } : {}),
    ...requestChanges(draft, opened),
  };
}

export const ackTexts: Readonly<Record<DestinationDraft["ack"], string>> = {
  face: "200 of objects, any 2xx of others",
  "200": "200",
  "2xx": "any 2xx",
};

/** As people read them; credentials are not among what is shown. */
export function partsOf(draft: DestinationDraft): readonly EditedPart[] {
  return [
    ["Webhook URL", draft.url],
    ["Authentication", authTexts[draft.auth]],
    ["Acknowledged by", ackTexts[draft.ack]],
    ["Time limit of an attempt, in ms", draft.timeoutMs],
    ...retryParts(draft),
    ["Raises alerts", draft.alerts ? "yes" : "no"],
    ...requestParts(draft),
  ];
}
