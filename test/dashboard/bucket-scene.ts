/** A browser, a server and a webhook receiver, for tests that begin with a bucket. */
import { CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { type RunningServer, runServer } from "../support/in-process.ts";
import { type WebhookReceiver, webhookReceiver } from "../support/webhooks.ts";
import { type Visitor, visitor } from "./visitor.ts";

interface BucketScene extends AsyncDisposable {
  readonly server: RunningServer;
  readonly receiver: WebhookReceiver;
  readonly seen: Visitor;
  /** While it is, the receiver answers 500. */
  isBroken: boolean;
  /** While it is, the receiver answers 410. */
  isGone: boolean;
  readonly makeBucket: (name: string) => Promise<unknown>;
  readonly put: (bucket: string, key: string) => Promise<unknown>;
  /** Of what came to this path of the receiver. */
  readonly keysAt: (path: string) => string[];
  readonly heading: (name: string | RegExp) => Promise<void>;
}

export async function bucketScene(): Promise<BucketScene> {
  const server = await runServer();
  const receiver = await webhookReceiver(() => (scene.isGone ? 410 : scene.isBroken ? 500 : 200));
  const seen = await visitor(server);
  const scene: BucketScene = {
    server,
    receiver,
    seen,
    isBroken: false,
    isGone: false,
    makeBucket: (name) => server.s3.send(new CreateBucketCommand({ Bucket: name })),
    put: (bucket, key) => server.s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: "hello" })),
    keysAt: (path) =>
      receiver.received
        .filter((one) => one.path === path)
        .flatMap(({ events }) => events.map(({ object }) => object.key)),
    heading: (name) => seen.page.getByRole("heading", { name }).first().waitFor(),
    [Symbol.asyncDispose]: async () => {
      await seen[Symbol.asyncDispose]();
      await receiver[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
  return scene;
}
