import type { IncomingMessage } from "node:http";
import type { Principal } from "../../domain/access.ts";
import type { Address } from "./addressing.ts";
import type { S3Call, S3Context } from "./call.ts";
import { maxParameters } from "./limits.ts";
import { hoistedV2, isPresignedV2, verifyPresignedV2 } from "./presigned-v2.ts";
import { S3Error } from "./wire/errors.ts";
import { verifyForm } from "./wire/form-signature.ts";
import { SigningKeys } from "./wire/signing-keys.ts";
import { hoistedHeaders, isSigned, verifySignature, verifyWhole } from "./wire/sigv4.ts";

/** Who sent a request, and what is signed besides the request line. */
interface Authenticated extends Pick<S3Call, "principal" | "signer" | "auth"> {
  /** Headers that a presigned URL carries in its query; absent: the URL is none. */
  readonly hoisted?: Readonly<Record<string, string>>;
}

interface AuthenticatedForm extends Pick<S3Call, "principal" | "signer"> {
  /** As it was signed: base64 of JSON. */
  readonly policy: string;
}

interface Found {
  readonly secret: string;
  readonly principal: Principal;
}

/** How many opened secrets are kept; the one kept longest goes first. */
const maxSecrets = 1000;

/** Finds out who sent a request. Everything that needs no body is proved; the body's own proofs come while it is read. */
export class Authenticator {
  readonly #context: Pick<S3Context, "store" | "vault" | "clock">;
  readonly #keys = new SigningKeys();
  /** By access key; with the ciphertext, so that a key that is made anew under its old id opens anew. */
  readonly #secrets = new Map<string, { readonly sealed: string; readonly secret: string }>();

  constructor(context: Pick<S3Context, "store" | "vault" | "clock">) {
    this.#context = context;
  }

  /** @throws S3Error AccessDenied for anonymous requests, and those of {@link verifySignature} and {@link verifyPresignedV2}. */
  async authenticate(request: IncomingMessage, address: Address): Promise<Authenticated> {
    judgeParameters(request.url ?? "/");
    const { find, signer } = this.#search();
    if (isPresignedV2(request)) {
      const { principal } = await verifyPresignedV2({ request, address }, find, this.#context.clock.now());
      return { principal, signer, auth: { payload: { kind: "unsigned" } }, hoisted: hoistedV2(request) };
    }
    const { method = "GET", url = "/", headers, rawHeaders } = request;
    const signed = { method, rawUrl: url, headers, rawHeaders };
    if (!isSigned(signed)) throw new S3Error("AccessDenied");
    const { accessKey, presigned, payload, chunkSigning } = await verifySignature(
      signed,
      find,
      this.#context.clock.now(),
      this.#keys,
    );
    const known = { principal: accessKey.principal, signer, auth: { payload, chunkSigning } };
    return presigned ? { ...known, hoisted: hoistedHeaders(url) } : known;
  }

  /** The same of a form, by its fields. @throws S3Error those of {@link verifyForm} */
  async authenticateForm(fields: ReadonlyMap<string, string>): Promise<AuthenticatedForm> {
    const { find, signer } = this.#search();
    const { accessKey, policy } = await verifyForm(fields, find, this.#keys);
    return { principal: accessKey.principal, signer, policy };
  }

  /** The same of an action of SNS, whose body is signed with it. @throws S3Error those of {@link verifyWhole} */
  async authenticateAction(request: IncomingMessage, body: Buffer): Promise<Principal> {
    const { find } = this.#search();
    const { method = "POST", url = "/", headers, rawHeaders } = request;
    const signed = { method, rawUrl: url, headers, rawHeaders, service: "sns", body } as const;
    return (await verifyWhole(signed, find, this.#context.clock.now(), this.#keys)).principal;
  }

  /** How a key is found, and who has the one that was. */
  #search(): { readonly find: (id: string) => Promise<Found | undefined>; readonly signer: () => Promise<Principal> } {
    let keyId = "";
    return {
      find: (id) => {
        keyId = id;
        return this.#find(id);
      },
      signer: async () => {
        const known = await this.#context.store.credentials.accessKey(keyId);
        if (known !== undefined) return known.principal;
        throw new S3Error("InvalidAccessKeyId", undefined, { extra: { AWSAccessKeyId: keyId } });
      },
    };
  }

  /** Reads the store each time: a key that was taken away is refused at once. */
  async #find(id: string): Promise<Found | undefined> {
    const known = await this.#context.store.credentials.accessKey(id);
    if (known === undefined) {
      this.#secrets.delete(id);
      this.#keys.forget(id);
      return undefined;
    }
    return { secret: this.#secret(id, known.key.sealedSecret), principal: known.principal };
  }

  #secret(id: string, sealed: string): string {
    const opened = this.#secrets.get(id);
    if (opened?.sealed === sealed) return opened.secret;
    const secret = this.#context.vault.open(sealed);
    this.#secrets.set(id, { sealed, secret });
    if (this.#secrets.size > maxSecrets) {
      for (const oldest of this.#secrets.keys()) {
        this.#secrets.delete(oldest);
        break;
      }
    }
    return secret;
  }
}

/** Before they are looked at. @throws S3Error InvalidRequest */
function judgeParameters(url: string): void {
  let count = 0;
  for (let at = url.indexOf("?"); at !== -1; at = url.indexOf("&", at + 1)) {
    count += 1;
    if (count > maxParameters)
      throw new S3Error("InvalidRequest", `The URL has more than ${maxParameters} parameters.`);
  }
}
