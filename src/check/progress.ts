/** How far something long is: called ever so often, by the thread that does it. */
export type Progress = (step: {
  /** What is done now: `copying blobs`. */
  readonly doing: string;
  readonly done: number;
  /** Absent while it is not known. */
  readonly total?: number;
}) => void;

/** The same items; each says that those before it are done. */
export function* reported<Item>(
  items: Iterable<Item>,
  of: { readonly progress: Progress; readonly doing: string; readonly total?: number },
): Generator<Item> {
  const { progress, ...step } = of;
  let done = 0;
  for (const item of items) {
    progress({ ...step, done });
    yield item;
    done += 1;
  }
  progress({ ...step, done, total: done });
}

/** Where no progress is shown. */
export const unseen: Progress = () => {};
