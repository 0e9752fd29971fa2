/** `T` without its keys that hold nothing: what may be `undefined` may be missing instead. */
type Defined<T> = { [K in keyof T as undefined extends T[K] ? never : K]: T[K] } & {
  [K in keyof T as undefined extends T[K] ? K : never]?: Exclude<T[K], undefined>;
};

/**
 * The fields that are not `undefined`, to be spread where a missing field and one that is `undefined` are not the same: in JSON, in SQL, and to
 * `exactOptionalPropertyTypes`. What is made once per event (dispatch, deliveries, the log) says it by hand, without a second object.
 */
export function defined<T extends object>(fields: T): Defined<T> {
  const found: Record<string, unknown> = {};
  for (const key in fields) if (fields[key] !== undefined) found[key] = fields[key];
  return found as Defined<T>;
}
