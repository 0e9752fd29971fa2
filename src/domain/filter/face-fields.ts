import type { Face } from "../event.ts";
import { objectFields } from "./fields.ts";
import { paramFields } from "./param-fields.ts";
import type { FieldCatalog } from "./tree.ts";

/** What the stored filters of a face are read by. */
export const faceFields: Readonly<Record<Face, FieldCatalog>> = {
  objects: objectFields,
  lifecycle: paramFields,
  notifications: paramFields,
};
