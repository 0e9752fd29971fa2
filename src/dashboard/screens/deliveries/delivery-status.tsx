import type { Delivery } from "../../../client/operations.ts";
import { Status, type Tone } from "../../parts/status.tsx";

const tones: Readonly<Record<Delivery["status"], Tone>> = {
  delivered: "good",
  waiting: "busy",
  dead: "bad",
  paused: "quiet",
};

export function DeliveryStatus({ status }: { readonly status: Delivery["status"] }) {
  return <Status tone={tones[status]}>{status}</Status>;
}
