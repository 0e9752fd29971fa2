import type { Clock } from "../../clock.ts";

/** What an exchange is called in its answer and in logs, as S3 does it. */
export interface RequestId {
  /** 16 hex digits. */
  readonly requestId: string;
  /** 32 characters of base64. */
  readonly hostId: string;
}

const atOnce = 64;
const [requestBytes, hostBytes] = [8, 24];
const [requestLength, hostLength] = [16, 32];

/** Names from random bytes, which are written out many at a time: that costs a part of writing each by itself. */
export class RequestIds {
  readonly #clock: Pick<Clock, "bytes">;
  #requests = "";
  #hosts = "";
  #used = atOnce;

  constructor(clock: Pick<Clock, "bytes">) {
    this.#clock = clock;
  }

  next(): RequestId {
    if (this.#used === atOnce) {
      this.#requests = Buffer.from(this.#clock.bytes(atOnce * requestBytes))
        .toString("hex")
        .toUpperCase();
      this.#hosts = Buffer.from(this.#clock.bytes(atOnce * hostBytes)).toString("base64");
      this.#used = 0;
    }
    const [request, host] = [this.#used * requestLength, this.#used * hostLength];
    this.#used += 1;
    return {
      requestId: this.#requests.slice(request, request + requestLength),
      hostId: this.#hosts.slice(host, host + hostLength),
    };
  }
}
