import type { SubscriptionDraft } from "./draft.ts";

/** What the parts of the form work with. */
export interface FormPartProps {
  readonly draft: SubscriptionDraft;
  readonly set: (change: Partial<SubscriptionDraft>) => void;
  /** What the server said of a field. */
  readonly problem: (path: string) => string | undefined;
  /** Whether it is there already: then what it is about and what it runs stay. */
  readonly isEdited: boolean;
}
