/**
 * What Signalbox itself raises on resources of its own kinds, and when: nothing is listed that it does not raise. Other names on them only
 * a host program raises.
 */

/** Of one kind, by name of the event: when it is raised, as the end of a sentence. */
type RaisedEvents = Readonly<Record<string, string>>;

/** On resources of every kind: sharing is Signalbox's everywhere. */
const raisedOnAll = {
  PERMISSION_GRANT: "a principal is given a permission on it",
  PERMISSION_REVOKE: "a permission on it is taken away",
} as const satisfies RaisedEvents;

/** Raised only where the operator wants it (`SIGNALBOX_DOWNLOAD_EVENTS`). */
export const download = "DOWNLOAD";

/** By name of the kind. */
const raisedByKind = {
  profile: {
    CREATED: "the user is created",
    UPDATED: "the user is changed",
    DELETED: "the user is deleted",
  },
  file: {
    CREATED: "a copy is written under a new key",
    UPLOADED: "an object is written under a new key",
    OVERWRITTEN: "an object is written in its place",
    DELETED: "it is deleted",
    RENAME: "it gets another key in the same folder",
    MOVED: "it goes to another folder or bucket",
    METADATA_UPDATED: "its tags are changed",
    [download]: "its bytes are read",
  },
  app: {
    REGISTERED: "the app is made",
    UPDATED: "the app is changed",
    DELETED: "the app is deleted",
  },
  subscription: {
    CREATED: "it is made",
    UPDATED: "it is changed",
    DELETED: "it is deleted",
    FORCED_ATTEMPT: "its owner has something sent to it now",
    SUCCESS: "a delivery of it was acknowledged; sent to those who subscribed to just this one",
    FAILURE: "a delivery of it was given up; sent to those who subscribed to just this one",
  },
  bucket: {
    CREATED: "the bucket is made",
    UPDATED: "what is said of the bucket as a whole is changed, such as its tags",
    DELETED: "the bucket is deleted",
    CONTENT_CHANGED: "a file in it comes, changes or goes, also to another bucket",
  },
  function: {
    CREATED: "the function is made",
    UPDATED: "the function is changed, or runs another version",
    ENABLED: "the function is enabled",
    DISABLED: "the function is disabled",
    DELETED: "the function is deleted",
  },
} as const satisfies Readonly<Record<string, RaisedEvents>>;

/** Raised on a bucket that a file left for another. */
export const fileLeft = "FILE_MOVED";

/** A kind of which Signalbox raises events. */
export type OwnKind = keyof typeof raisedByKind;

/**
 * Names of what Signalbox raises on a kind of its own: code that raises another does not compile. Beside the table those that only one
 * subscription gets, or that go out under another name.
 */
export type OwnEvent<K extends OwnKind = OwnKind> = K extends OwnKind
  ?
      | keyof (typeof raisedByKind)[K]
      | keyof typeof raisedOnAll
      | (K extends "subscription"
          ? "FORCED_EVENT" | "CONFIRMATION_REQUESTED" | "FAILING" | "DEAD_LETTER" | "PAUSED"
          : K extends "bucket"
            ? typeof fileLeft
            : never)
  : never;
/** What it raises on resources of hosts; apps are registered. */
export type HostedEvent = "CREATED" | "REGISTERED" | "UPDATED" | "DELETED" | keyof typeof raisedOnAll;

const byKind: ReadonlyMap<string, RaisedEvents> = new Map(Object.entries(raisedByKind));
export const ownKindNames: readonly string[] = [...byKind.keys()];

/** What Signalbox raises on resources of a kind, and when. */
export function raisedOn(kind: string): RaisedEvents {
  return { ...byKind.get(kind), ...raisedOnAll };
}

/** Words for the same event, by kind: what is raised under the first goes out under the others, too, as receivers may know it by them. */
export const otherNames: Readonly<Record<string, RaisedEvents>> = {
  app: { REGISTERED: "CREATED" },
  file: { UPLOADED: "UPLOAD" },
  bucket: { [fileLeft]: "CONTENT_CHANGED" },
};
