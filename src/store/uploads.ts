import type { Uuid } from "../domain/ids.ts";
import type { Page } from "./page.ts";
import type { Part, Upload } from "./records.ts";

/** Multipart uploads under way. */
export interface Uploads {
  upload(id: string): Promise<Upload | undefined>;
  /** By key, then id. */
  uploads(
    query: { readonly bucket: Uuid; readonly prefix: string },
    page: Page<{ readonly key: string; readonly id: string }>,
  ): Promise<Upload[]>;
  /** Those that were made before `beforeMs`, in any bucket, the oldest first. */
  uploadsBefore(beforeMs: number, page: Page<{ readonly createdMs: number; readonly id: string }>): Promise<Upload[]>;
  /** By number. */
  parts(upload: string, page: Page<number>): Promise<Part[]>;
  part(upload: string, number: number): Promise<Part | undefined>;
}

export type UploadCondition =
  | { readonly if: "upload.open"; readonly id: string }
  | { readonly if: "upload.changes"; readonly id: string; readonly changes: number }
  /** The blob that is this part's now; `undefined`: no such part yet. */
  | { readonly if: "part.blob"; readonly upload: string; readonly number: number; readonly blob: string | undefined };

export type UploadChange =
  | { readonly do: "upload.add"; readonly upload: Omit<Upload, "changes"> }
  /** With its parts; their blobs are the caller's to delete or to use. */
  | { readonly do: "upload.remove"; readonly id: string }
  /** Adds or replaces (by upload and number). */
  | { readonly do: "part.put"; readonly part: Part };
