/** The palette takes any id. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { idPlace } from "../../src/dashboard/parts/id-place.ts";
import { deliveryUuid, type Kind, kinds, newUuid } from "../../src/domain/ids.ts";

const moment = { nowMs: 1_795_974_170_000, bytes: new Uint8Array(16).fill(7) };

/** Where each is shown; those that only another name leads to are looked up. */
const places: Readonly<Record<Kind, RegExp>> = {
  profile: /^users\//,
  file: /^go\//,
  token: /^access$/,
  app: /^go\//,
  job: /^redrives/,
  subscription: /^subscriptions\//,
  delivery: /^deliveries\//,
  bucket: /^go\//,
  function: /^go\//,
  loginSession: /^access\/sessions$/,
  hosted: /^go\//,
};

describe("the place of an id", () => {
  for (const kind of Object.keys(kinds) as Kind[]) {
    it(`is known for a ${kind}`, () => {
      const id = newUuid(kind, moment);
      const place = idPlace(` ${id}\n`);
      assert.match(place?.path ?? "", places[kind]);
      assert.notEqual(place?.what, "id");
    });
  }

  it("is known for what webhook-id says", () => {
    const id = deliveryUuid(77, newUuid("subscription", moment));
    assert.deepEqual(idPlace(id), { what: "delivery", path: `deliveries/${id}` });
  });

  it("is where it is said what it is not, for a kind that is not known", () => {
    const id = newUuid("hosted", moment).replace(/900$/, "555");
    assert.deepEqual(idPlace(id), { what: "id", path: `go/${id}` });
  });

  it("is none for a name", () => {
    for (const text of ["photos", "photos-2026", "a-b-042", "", "../../x-042", "<img>-011"])
      assert.equal(idPlace(text), undefined);
  });
});
