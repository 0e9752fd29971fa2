/** The demo's third story: somebody who is no admin watches a file, by e-mail for ever and by webhook once. */
import { PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import type { Scene } from "./hooks.ts";
import { type Listening, listening } from "./listening.ts";
import { column, dim, good, name, say, strong } from "./story.ts";

const bucket = "photos";
const key = "documents/picsumipsum.txt";
const reader = { username: "nryan", email: "nryan@example.com" } as const;

interface Resource {
  readonly uuid: string;
}

interface Mail {
  readonly name: string;
  readonly to: string;
  readonly subject: string;
  readonly text?: string | null;
}

/** A webhook of hers. */
interface Hook extends Listening {
  /** Path and body of each request. */
  readonly received: { readonly path: string; readonly body: string }[];
}

async function openHook(): Promise<Hook> {
  const received: Hook["received"] = [];
  const server = await listening((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => {
      body += text;
    });
    request.on("end", () => {
      received.push({ path: request.url ?? "", body });
      response.end();
    });
  });
  return { ...server, received };
}

export async function tellWatching({ server, s3, check, until }: Scene & { readonly s3: S3Client }): Promise<void> {
  await using hook = await openHook();
  const put = (body: string) => s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
  await put("first words");
  const { files } = await server.api<{ files: readonly Resource[] }>(
    "GET",
    `/api/cloud/files/?bucket=${bucket}&key=${encodeURIComponent(key)}`,
  );
  const uuid = files[0]?.uuid ?? "";
  say(`file     ${column(key, 31)} ${dim(uuid)}`);

  await server.api("POST", "/api/cloud/users/", reader);
  const { token } = await server.api<{ token: string }>("POST", "/api/cloud/tokens/", {
    principal: reader.username,
    role: "member",
  });
  await server.api("PUT", `/api/cloud/resources/${uuid}/pems/${reader.username}/`, { permission: "read" });
  say(`share    ${column(reader.username, 31, name)} ${dim("may see it, and so may watch it")}`);

  const subscribe = async (wanted: object): Promise<void> => {
    const response = await fetch(new URL("/notifications/v2/", server.url), {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ associatedUuid: uuid, event: "OVERWRITTEN", ...wanted }),
    });
    const { result } = (await response.json()) as { result: { readonly url: string; readonly persistent: boolean } };
    check(response.status === 201, `subscribing was answered with ${response.status}`);
    say(
      `watch    ${column(result.url.replace(/^http:\/\/[^/]+/, "http://…"), 31)} ${result.persistent ? "for ever" : "once"}`,
    );
  };
  await subscribe({ url: reader.email, persistent: true });
  await subscribe({ url: `${hook.url}/changed?what=\${EVENT}` });

  await put("other words");
  await put("yet other words");
  say(`PUT      ${column(key, 31)} ${dim("twice")}`);

  const mails = async () => (await server.api<{ mails: readonly Mail[] }>("GET", "/api/cloud/mails/")).mails;
  await until("both mails and the webhook", async () => (await mails()).length >= 2 && hook.received.length > 0);
  for (const { path, body } of hook.received) {
    const { event, file } = JSON.parse(body) as { event: string; file: { readonly path: string } };
    say(`webhook  ${column(`POST ${path}`, 31)} ${good(event)} ${file.path}`);
  }
  check(hook.received.length === 1, `the webhook, which was for one event, received ${hook.received.length}`);
  const [first] = (await mails()).toReversed();
  const mail = await server.api<Mail>("GET", `/api/cloud/mails/${first?.name}/`);
  say(`mail     ${strong(mail.subject)} ${dim(`to ${mail.to}, the first of ${(await mails()).length}`)}`);
  for (const line of (mail.text ?? "").trim().split("\n")) say(`  ${dim("│")} ${line}`);
  check(mail.to === reader.email && (mail.text ?? "").includes(key), `the mail was: ${mail.text}`);
}
