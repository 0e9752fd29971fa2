import { type Static, Type } from "typebox";
import { logLevels } from "../log.ts";
import { loginSettings } from "./login-settings.ts";
import { mailSettings } from "./mail-settings.ts";
import { quotaSettings } from "./quota-settings.ts";
import { sessionSettings } from "./session-settings.ts";
import { type Setting, says } from "./setting.ts";
import { stopSettings } from "./stop-settings.ts";
import { storageSettings } from "./storage-settings.ts";

/** Every setting of the server: its environment variable and its flag follow from its key. */

const port = { minimum: 0, maximum: 65_535 };

const settings = Type.Object({
  data: Type.String({
    default: "./data",
    minLength: 1,
    ...says({ about: "Everything that is kept. One process at a time may use it.", unit: "folder" }),
  }),
  host: Type.String({
    default: "127.0.0.1",
    minLength: 1,
    ...says({ about: "Address to listen on; `0.0.0.0` or `::` for all." }),
  }),
  port: Type.Integer({ default: 8080, ...port, ...says({ about: "Port of the API; 0 takes any free one." }) }),
  s3Port: Type.Integer({
    default: 9000,
    ...port,
    ...says({ about: "Port of the S3 endpoint; 0 takes any free one." }),
  }),
  s3Domain: Type.Array(Type.String(), {
    default: ["localhost"],
    ...says({
      about:
        "Names of the S3 endpoint, below which a bucket's name may stand in `Host` (`bucket.s3.example.com`). A host with a dot that is neither one of them, nor below one, nor an address is refused.",
      unit: "list",
    }),
  }),
  hostListen: Type.Optional(
    Type.String({
      minLength: 1,
      ...says({
        about:
          "Where the platform's own services reach the host interface: `unix:/run/signalbox/host.sock`, `127.0.0.1:7072` or `[::1]:7072`; of this machine or a private network only. Unset: there is none.",
      }),
    }),
  ),
  inbox: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 2048,
      ...says({
        about:
          "`postgres://user:password@db:5432/shop`: a database of the platform's own, prepared by `signalbox inbox install`, whose transactions publish events. Unset: there is none.",
        secret: true,
      }),
    }),
  ),
  publicUrl: Type.Optional(
    Type.String({
      minLength: 1,
      ...says({
        about: "The API as others reach it, for links in answers and mails. Unset: the URL that it listens on.",
      }),
    }),
  ),
  declare: Type.Optional(
    Type.String({
      minLength: 1,
      ...says({
        about:
          'A file (`.json`, `.yaml`) of event types and kinds of resources, declared at each start before anything listens: `{"event_types": […], "kinds": […]}`.',
      }),
    }),
  ),
  adminToken: Type.Optional(
    Type.String({
      minLength: 16,
      maxLength: 4096,
      ...says({
        about:
          "Bearer token of the operator, who is admin of the tenant `default` too; set anew at each start. Unset: made and printed once at the first start.",
        secret: true,
      }),
    }),
  ),
  s3AccessKeyId: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 128,
      ...says({ about: "With the next one: an S3 key pair of that operator, of any shape." }),
    }),
  ),
  s3SecretAccessKey: Type.Optional(
    Type.String({
      minLength: 1,
      maxLength: 4096,
      ...says({ about: "The secret of that S3 key pair.", secret: true }),
    }),
  ),
  secretKey: Type.Optional(
    Type.String({
      minLength: 1,
      ...says({
        about:
          "32 bytes in base64 that encrypt secrets at rest. Unset: made in the data folder, where it protects nothing once that folder is copied.",
        secret: true,
      }),
    }),
  ),
  secretKeyPrevious: Type.Optional(
    Type.String({
      minLength: 1,
      ...says({
        about: "The key before that one, while it is changed: what was sealed with it is sealed anew at the start.",
        secret: true,
      }),
    }),
  ),
  egressAllow: Type.Array(Type.String(), {
    default: [],
    ...says({
      about:
        "CIDRs, addresses and host names (`*.corp.example` for all below) that webhooks and functions may reach although they are private, each with one port (`127.0.0.1:3000`, `[::1]:3000`, `10.0.0.0/8:8443`) or, without, at all ports.",
      unit: "list",
    }),
  }),
  eventSource: Type.String({
    default: "signalbox",
    minLength: 1,
    maxLength: 256,
    ...says({ about: "`eventSource` of payloads." }),
  }),
  ...storageSettings,
  patienceHours: Type.Number({
    default: 24,
    minimum: 0,
    maximum: 720,
    ...says({
      about:
        "For how long a receiver that answers 429, or 503, with Retry-After is asked again without using up retries; 0: not at all.",
      unit: "hours",
    }),
  }),
  senders: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 64,
      ...says({
        about:
          "Threads beside the main one that sign and send webhooks; 0: the main one sends. Unset: two fewer than there are cores, and 4 at the most.",
      }),
    }),
  ),
  maxObjectBytes: Type.Integer({
    default: 5 * 2 ** 30,
    minimum: 1,
    maximum: 5 * 2 ** 40,
    ...says({ about: "Largest object that is sent in one request, and largest part of an S3 upload.", unit: "bytes" }),
  }),
  maxBodyBytes: Type.Integer({
    default: 2 ** 20,
    minimum: 1024,
    maximum: 2 ** 26,
    ...says({ about: "Largest body of a request to the API.", unit: "bytes" }),
  }),
  maxConnections: Type.Integer({
    default: 2_048,
    minimum: 16,
    maximum: 1_000_000,
    ...says({ about: "Connections to both ports that may be open at once." }),
  }),
  maxConnectionsPerAddress: Type.Integer({
    default: 512,
    minimum: 1,
    maximum: 1_000_000,
    ...says({
      about:
        "The same from one address (IPv6: one /64). Behind a proxy all come from its address: then as many as in all.",
    }),
  }),
  anonymousPerSecond: Type.Integer({
    default: 100,
    minimum: 0,
    maximum: 1_000_000,
    ...says({
      about: "Requests without a known caller that are begun for one address in a second; more wait. 0: no limit.",
    }),
  }),
  minBodyBytesPerSecond: Type.Integer({
    default: 1_024,
    minimum: 0,
    maximum: 2 ** 20,
    ...says({
      about: "A body that comes more slowly than this for half a minute is refused with 408. 0: as slowly as it likes.",
      unit: "bytes",
    }),
  }),
  documentBytesPerSecond: Type.Integer({
    default: 2 * 2 ** 20,
    minimum: 0,
    maximum: 2 ** 30,
    ...says({
      about: "Bodies in JSON, XML and forms over 16 KiB come no faster than this from one tenant. 0: no limit.",
      unit: "bytes",
    }),
  }),
  maxRulesPerBucket: Type.Integer({
    default: 100,
    minimum: 1,
    maximum: 100_000,
    ...says({ about: "Notification rules that one bucket may have." }),
  }),
  maxHooksPerEvent: Type.Integer({
    default: 20,
    minimum: 1,
    maximum: 1_000,
    ...says({ about: "Functions of one tenant that may be subscribed to one PRE event type." }),
  }),
  maxFunctionsPerEvent: Type.Integer({
    default: 1_000,
    minimum: 1,
    maximum: 10_000,
    ...says({ about: "Functions of one tenant that may be subscribed to one POST event type." }),
  }),
  matchMsPerSecond: Type.Integer({
    default: 300,
    minimum: 10,
    maximum: 1_000,
    ...says({
      about:
        "How long the filters of one tenant may be asked in each second, and apart from them its queries of lists; what is over that waits, without delaying other tenants.",
      unit: "ms",
    }),
  }),
  hookChainMs: Type.Integer({
    default: 300_000,
    minimum: 50,
    maximum: 300_000,
    ...says({ about: "How long an operation waits for all of its hooks together.", unit: "ms" }),
  }),
  hookChainS3Ms: Type.Integer({
    default: 10_000,
    minimum: 50,
    maximum: 50_000,
    ...says({
      about: "The same for writes of objects, by S3, whose clients give up after a minute, and through the API.",
      unit: "ms",
    }),
  }),
  hookConcurrency: Type.Integer({
    default: 64,
    minimum: 1,
    maximum: 1_000,
    ...says({ about: "Hooks of one tenant that run at once; more wait a moment, and are then refused with 503." }),
  }),
  sandboxMemoryBytes: Type.Integer({
    default: 512 * 2 ** 20,
    minimum: 256 * 2 ** 20,
    maximum: 2 ** 36,
    ...says({ about: "Memory that one process of functions may take before it is ended.", unit: "bytes" }),
  }),
  sandboxProcesses: Type.Integer({
    default: 32,
    minimum: 4,
    maximum: 10_000,
    ...says({ about: "Processes of functions at once: up to three for each tenant that is active." }),
  }),
  maxSubscriptionsPerUser: Type.Integer({
    default: 10_000,
    minimum: 1,
    maximum: 1_000_000,
    ...says({ about: "Subscriptions to resources that one user may have at once." }),
  }),
  ...quotaSettings,
  uploadDays: Type.Number({
    default: 7,
    exclusiveMinimum: 0,
    maximum: 3_650,
    ...says({
      about: "How long a multipart upload may stay open before it is aborted; fractions are fine.",
      unit: "days",
    }),
  }),
  downloadEvents: Type.Enum(["off", "on"], {
    default: "off",
    ...says({ about: "Whether reading an object raises DOWNLOAD on its file, which costs a commit for each read." }),
  }),
  dashboard: Type.Enum(["on", "off"], {
    default: "on",
    ...says({
      about: "Whether the server shows the dashboard, at `/dashboard/`. It is a client of the API and of nothing else.",
    }),
  }),
  ...mailSettings,
  ...sessionSettings,
  ...loginSettings,
  ...stopSettings,
  logLevel: Type.Enum([...logLevels], {
    default: "info",
    ...says({ about: "What is logged, as JSON lines on standard error; never payloads or secrets." }),
  }),
});

export type Settings = Static<typeof settings>;

/** Every setting by its key, in the order of the documentation. */
export const configurationSettings: readonly (readonly [string, Setting])[] = Object.entries(
  settings.properties as unknown as Record<string, Setting>,
);
