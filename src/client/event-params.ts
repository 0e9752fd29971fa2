/** Params by event type: of `EventParams`, which `signalbox types` writes, or of any where a program says nothing of its own. */

/** Any event type with any params. */
export type AnyEvents = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** What of a pair follows `PRE_`: `ORDER_CREATE`. */
export type OperationName<Events extends object> = string extends keyof Events
  ? string
  : { [Name in keyof Events]: Name extends `PRE_${infer Operation}` ? Operation : never }[keyof Events];

/** As a program gives them. */
export type GivenParams<Events extends object, Name extends string> = string extends keyof Events
  ? object
  : Name extends keyof Events
    ? Events[Name]
    : never;

/** As a program gets them. */
export type HeardParams<Events extends object, Name extends string> = string extends keyof Events
  ? Readonly<Record<string, unknown>>
  : Name extends keyof Events
    ? Events[Name]
    : never;
