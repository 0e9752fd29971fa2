/** Why something failed, in words: the API's own word for it says little to who reads it first. */
const words: Readonly<Record<string, string>> = {
  status: "refused by the receiver",
  timeout: "no answer in time",
  connection: "no connection",
  dns: "name not found",
  tls: "TLS failed",
  egress_refused: "address not allowed",
  redirect: "answered with a redirect",
  gone: "410 Gone",
  threw: "the function threw",
  memory: "out of memory",
};

/** Of an attempt or a delivery; `status` is what the receiver answered. */
export function reasonText(reason: string, status?: number | null): string {
  if (reason === "status" && status !== null && status !== undefined) return `HTTP ${status}`;
  return words[reason] ?? reason.replaceAll("_", " ");
}
