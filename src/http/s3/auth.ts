import type { IncomingMessage } from "node:http";
import type { Principal } from "../../domain/access.ts";
import type { Call, S3Deps } from "./call.ts";
import { S3Error } from "./errors.ts";
import { SigningKeys } from "./wire/signing-keys.ts";
import { isSigned, verifySignature } from "./wire/sigv4.ts";

/** How many opened secrets are kept; the one kept longest goes first. */
const maxSecrets = 1000;

/** Finds out who sent a request. Everything that needs no body is proved; the body's own proofs come while it is read. */
export class Authenticator {
  readonly #deps: Pick<S3Deps, "store" | "vault" | "clock">;
  readonly #keys = new SigningKeys();
  /** By access key and ciphertext, so that a key that is made anew under its old id opens anew. */
  readonly #secrets = new Map<string, string>();

  constructor(deps: Pick<S3Deps, "store" | "vault" | "clock">) {
    this.#deps = deps;
  }

  /** @throws S3Error AccessDenied for anonymous requests, and those of {@link verifySignature}. */
  async authenticate(request: IncomingMessage): Promise<Pick<Call, "principal" | "auth">> {
    const { method = "GET", url = "/", headers, rawHeaders } = request;
    const signed = { method, rawUrl: url, headers, rawHeaders };
    if (!isSigned(signed)) throw new S3Error("AccessDenied");
    const { accessKey, ...auth } = await verifySignature(
      signed,
      (id) => this.#find(id),
      this.#deps.clock.now(),
      this.#keys,
    );
    return { principal: accessKey.principal, auth };
  }

  /** Reads the store each time: a key that was taken away is refused at once. */
  async #find(id: string): Promise<{ readonly secret: string; readonly principal: Principal } | undefined> {
    const known = await this.#deps.store.identities.accessKey(id);
    if (known === undefined) return undefined;
    return { secret: this.#secret(id, known.key.sealedSecret), principal: known.principal };
  }

  #secret(id: string, sealed: string): string {
    const name = `${id} ${sealed}`;
    const opened = this.#secrets.get(name);
    if (opened !== undefined) return opened;
    const secret = this.#deps.vault.open(sealed);
    this.#secrets.set(name, secret);
    if (this.#secrets.size > maxSecrets) {
      for (const oldest of this.#secrets.keys()) {
        this.#secrets.delete(oldest);
        break;
      }
    }
    return secret;
  }
}
