/** A running server, everything that subscriptions can send to, and what makes events of every face. */
import assert from "node:assert/strict";
import { CreateBucketCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { type RunningServer, runServer } from "../support/in-process.ts";
import { bodyOf, httpListener } from "../support/listeners.ts";
import { until } from "../support/until.ts";

export interface Heard {
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Readonly<Record<string, unknown>>;
}

export interface Shown {
  readonly id: string;
  readonly face: string;
  readonly event: string;
  readonly resource: string;
  readonly status: string;
  readonly signing_secret?: string;
}

export interface Mail {
  readonly name: string;
  readonly to: string;
  readonly subject: string;
  readonly text: string;
}

export interface AtWork extends AsyncDisposable {
  readonly server: RunningServer;
  /** Of a receiver that keeps what it hears. */
  readonly hook: string;
  readonly heard: readonly Heard[];
  /** Status that the receiver answers with; 200 at first. */
  answer: number;
  /** Uuid of the bucket `pictures`. */
  readonly bucket: string;
  /** A function that returns what it was told. */
  readonly fn: number;
  put(key: string): Promise<void>;
  user(username: string): Promise<void>;
  subscribe(body: object): Promise<Shown>;
  shown(id: string): Promise<Shown>;
  /** Of the function, the oldest first, once there are so many. */
  runs(
    count: number,
  ): Promise<readonly { readonly event_type: string; readonly params: Readonly<Record<string, unknown>> }[]>;
  /** The oldest first, once there are so many. */
  mails(count: number): Promise<readonly Mail[]>;
  heardTimes(count: number): Promise<readonly Heard[]>;
}

const subscriptions = "/api/cloud/subscriptions/";
const functions = "/api/apps/the-app/functions/";

export async function atWork(env: Readonly<Record<string, string>> = {}): Promise<AtWork> {
  await using made = new AsyncDisposableStack();
  const heard: Heard[] = [];
  const state = { answer: 200 };
  const receiver = made.use(
    await httpListener((request, response) => {
      void bodyOf(request).then((body) => {
        const { url: path = "", headers } = request;
        heard.push({ path, headers, body: JSON.parse(body) as Heard["body"] });
        response.writeHead(state.answer).end();
      });
    }),
  );
  const server = made.use(await runServer({ SIGNALBOX_MAIL_CONFIRM: "off", ...env }));
  await server.s3.send(new CreateBucketCommand({ Bucket: "pictures" }));
  const { buckets } = await server.api<{ buckets: readonly [{ uuid: string }] }>("GET", "/api/cloud/buckets/");
  await server.api("POST", "/api/apps/", { name: "The app", slug: "the-app" });
  const code = "export default ({ event_type, params }) => ({ event_type, params });";
  const fn = await server.api<{ id: number; slug: string }>("POST", functions, { name: "Tell", code });
  const owned = made.move();
  const runs: AtWork["runs"] = async (count) => {
    interface Run {
      readonly status: string;
      readonly result: Awaited<ReturnType<AtWork["runs"]>>[number];
    }
    let ended: readonly Run[] = [];
    await until(`${count} runs of the function`, async () => {
      const path = `${functions}${fn.slug}/invocations/`;
      const { invocations } = await server.api<{ invocations: readonly Run[] }>("GET", path);
      ended = invocations.filter(({ status }) => status !== "pending");
      return ended.length >= count;
    });
    assert.equal(ended.length, count);
    return ended.map(({ result }) => result).reverse();
  };
  const at: AtWork = {
    server,
    hook: `http://127.0.0.1:${receiver.port}`,
    heard,
    get answer() {
      return state.answer;
    },
    set answer(status) {
      state.answer = status;
    },
    bucket: buckets[0].uuid,
    fn: fn.id,
    put: async (key) => void (await server.s3.send(new PutObjectCommand({ Bucket: "pictures", Key: key, Body: "x" }))),
    user: async (username) =>
      void (await server.api("POST", "/api/cloud/users/", { username, email: `${username}@example.com` })),
    subscribe: (body) => server.api("POST", subscriptions, body),
    shown: (id) => server.api("GET", `${subscriptions}${id}/`),
    runs,
    mails: async (count) => {
      let kept: readonly { readonly name: string }[] = [];
      await until(`${count} mails`, async () => {
        kept = (await server.api<{ mails: typeof kept }>("GET", "/api/cloud/mails/")).mails;
        return kept.length >= count;
      });
      assert.equal(kept.length, count);
      const read = kept.map(({ name }) => server.api<Mail>("GET", `/api/cloud/mails/${name}/`));
      return (await Promise.all(read)).reverse();
    },
    heardTimes: async (count) => {
      await until(`${count} requests`, () => heard.length >= count);
      assert.equal(heard.length, count);
      return heard;
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
  return at;
}

export interface Asked<T> {
  readonly status: number;
  readonly message: string;
  readonly code: string | undefined;
  readonly fields: readonly { readonly path: string; readonly message: string }[];
  readonly data: T;
}

/** An answer of any kind. */
export async function asked<T>(
  { url, token }: Pick<RunningServer, "url" | "token">,
  method: string,
  path: string,
  body?: unknown,
): Promise<Asked<T>> {
  const response = await fetch(`${url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const answer = (await response.json()) as Omit<Asked<T>, "status">;
  return { ...answer, fields: answer.fields ?? [], status: response.status };
}
