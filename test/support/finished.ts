/** What a work comes to that could be interrupted, and is not. */
export function finished<T>(work: Generator<unknown, T, void>): T {
  for (let step = work.next(); ; step = work.next()) if (step.done === true) return step.value;
}
