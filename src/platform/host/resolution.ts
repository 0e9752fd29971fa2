/** What a host says became of an operation. */
export type Resolution =
  /** It was done: its POST event is published with these params. `resource` as in `PublishOptions`. */
  | { readonly outcome: "committed"; readonly params: object; readonly resource?: string }
  /** It was not done and will not be: functions whose hooks ran get an event about that. */
  | { readonly outcome: "aborted"; readonly reason?: string }
  /** That is not known now: the intent is kept, counted, and asked about again: after a second, then less and less often. */
  | { readonly outcome: "unknown"; readonly reason?: string };
