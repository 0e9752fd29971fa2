/** In which format a webhook gets its events: ours, or one that its receiver reads already. */
export const webhookFormats = ["signalbox", "s3", "cloudevents", "cloudevents-binary"] as const;
export type WebhookFormat = (typeof webhookFormats)[number];

/** Those that a target names; without a name it is `signalbox`, the documented payload of its face. */
export type ForeignFormat = Exclude<WebhookFormat, "signalbox">;
