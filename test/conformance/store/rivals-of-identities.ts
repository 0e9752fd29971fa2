import type { Condition, Unit } from "../../../src/store/unit.ts";
import { rivals, type Scene, withBucket, withUpload } from "./arena.ts";
import { added, named } from "./blob-names.ts";
import { aBucket, anObject, changed, noonMs, uuid } from "./given.ts";
import { aCode, aToken } from "./sessions.ts";
import { aPart } from "./uploads.ts";

/** What is wanted of identities, mailboxes and bytes, and what makes it false. */

const bobIn = (tenant: string) => ({ tenant, name: "bob", role: "member", createdMs: noonMs }) as const;
const mailbox = (tenant: string) => `bob@${tenant}`;
const linkIn = (tenant: string) =>
  ({ tenant, issuer: "https://login.example", subject: "17", principal: "ada" }) as const;

export const rivalsOfIdentities = {
  "tenant.absent": () => {
    const id = uuid("bucket").slice(0, 18);
    return rivals({ if: "tenant.absent", id }, () => ({
      do: "tenant.add",
      tenant: { id, name: id, createdMs: noonMs },
    }));
  },
  "principal.absent": ({ tenant }) =>
    rivals({ if: "principal.absent", tenant, name: "bob" }, () => ({ do: "principal.put", principal: bobIn(tenant) })),
  "principal.ended": async ({ store, tenant }) => {
    await changed(store, { do: "principal.put", principal: { ...bobIn(tenant), endedMs: noonMs } });
    const condition = { if: "principal.ended", tenant, name: "bob" } as const;
    return rivals(condition, () => ({ do: "principal.put", principal: bobIn(tenant) }));
  },
  "principal.is": ({ tenant }) =>
    rivals({ if: "principal.is", tenant, name: "ada", role: "admin" }, (which) =>
      which === 0
        ? { do: "principal.end", tenant, name: "ada", atMs: noonMs }
        : { do: "principal.put", principal: { ...bobIn(tenant), name: "ada" } },
    ),
  "accessKey.absent": ({ tenant }) => {
    const key = { id: tenant, tenant, principal: "ada", sealedSecret: "c2VhbGVk", label: "", createdMs: noonMs };
    return rivals({ if: "accessKey.absent", id: tenant }, () => ({ do: "accessKey.put", key }));
  },
  "loginCode.open": async ({ store, tenant }) => {
    const token = aToken({ tenant, principal: "ada" });
    const code = aCode(token);
    await changed(store, { do: "token.put", token }, { do: "loginCode.add", code });
    const { hash } = code;
    return rivals({ if: "loginCode.open", hash, nowMs: noonMs }, () => ({ do: "loginCode.remove", hash }));
  },
  "issuerLink.free": ({ tenant }) =>
    rivals({ if: "issuerLink.free", ...linkIn(tenant) }, () => ({ do: "issuerLink.put", link: linkIn(tenant) })),
  "issuerLink.is": async ({ store, tenant }) => {
    const link = linkIn(tenant);
    await changed(store, { do: "issuerLink.put", link });
    const condition = { if: "issuerLink.is", link } as const;
    return rivals(condition, () => ({ do: "issuerLink.remove", tenant, principal: "ada" }));
  },
  "grant.exists": async ({ store }) => {
    const resource = uuid("bucket");
    await changed(store, { do: "grant.put", grant: { resource, grantee: "bob", permission: "read" } });
    return rivals({ if: "grant.exists", resource, grantee: "bob" }, (which) =>
      which === 0
        ? { do: "grant.remove", resource, grantee: "bob" }
        : { do: "resource.end", uuid: resource, atMs: noonMs },
    );
  },
  "mailbox.askable": ({ tenant }) => {
    const condition = { if: "mailbox.askable", mailbox: mailbox(tenant), delivery: "d", sinceMs: 0 } as const;
    return rivals(condition, () => ({ do: "refusal.put", mailbox: mailbox(tenant), atMs: noonMs }));
  },
  "questions.fewer": ({ tenant }) => {
    const question = (which: number) => {
      const of = { mailbox: `${mailbox(tenant)}${which}`, tenant, owner: "ada", subscription: uuid("subscription") };
      return { ...of, delivery: `d${which}`, askedMs: noonMs };
    };
    const fewer = (delivery: string) => ({ if: "questions.fewer", tenant, sinceMs: 0, fewer: 1, delivery }) as const;
    const unit = (which: number): Unit => ({
      conditions: [fewer(`d${which}`)],
      changes: [{ do: "question.ask", question: question(which), forgetMs: 0 }],
    });
    return [unit(0), unit(1)];
  },
  "bucket.nameFree": ({ tenant }) =>
    rivals({ if: "bucket.nameFree", tenant, name: "wanted" }, () => ({
      do: "bucket.add",
      bucket: aBucket({ tenant, name: "wanted" }),
    })),
  "bucket.live": async (arena) => {
    const bucket = await withBucket(arena);
    return rivals({ if: "bucket.live", bucket }, () => ({ do: "bucket.remove", bucket, atMs: noonMs }));
  },
  "bucket.empty": async (arena) => {
    const bucket = await withBucket(arena);
    return rivals({ if: "bucket.empty", bucket }, (which) => ({
      do: "object.put",
      object: anObject(bucket, `k${which}`),
    }));
  },
  "object.version": async (arena) => {
    const bucket = await withBucket(arena);
    const condition = { if: "object.version", bucket, key: "k", version: undefined } as const;
    return rivals(condition, () => ({ do: "object.put", object: anObject(bucket, "k") }));
  },
  "upload.open": async (arena) => {
    const id = await withUpload(arena);
    return rivals({ if: "upload.open", id }, () => ({ do: "upload.remove", id }));
  },
  "upload.changes": async (arena) => {
    const id = await withUpload(arena);
    const condition = { if: "upload.changes", id, changes: 0 } as const;
    return rivals(condition, (which) => ({ do: "part.put", part: aPart(id, 1 + which) }));
  },
  "part.blob": async (arena) => {
    const upload = await withUpload(arena);
    const condition = { if: "part.blob", upload, number: 1, blob: undefined } as const;
    return rivals(condition, () => ({ do: "part.put", part: aPart(upload, 1) }));
  },
  "blob.live": async ({ store, tenant }) => {
    const name = `${named("a").slice(0, 20)}${tenant.padStart(20, "0")}`;
    await changed(store, added(name));
    const condition = { if: "blob.live", names: [name] } as const;
    return rivals(condition, () => ({ do: "blob.unwanted", names: [name], atMs: noonMs }));
  },
} satisfies Partial<Record<Condition["if"], Scene>>;
