/** What a program that embeds Signalbox, or receives its webhooks, may import. */
export { type Config, parseConfig } from "./config.ts";
export type { FaceNames, Json } from "./domain/event.ts";
export { newUuid, parseUuid, type Uuid } from "./domain/ids.ts";
export { type SignedHeaders, type Verification, type VerifyOptions, verify } from "./domain/signature.ts";
export { type ErrorCode, type FieldError, SignalboxError } from "./errors.ts";
export { type HostEvent, type Signalbox, start } from "./signalbox.ts";
