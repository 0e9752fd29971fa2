import { setImmediate } from "node:timers/promises";
import { type Static, Type } from "typebox";
import type { Context, SubscriptionContext } from "../../../context.ts";
import type { Principal } from "../../../domain/access.ts";
import { destinationThing } from "../../../platform/edits.ts";
import { lastOfFull } from "../../../store/page.ts";
import {
  changeDestination,
  createDestination,
  findDestination,
  listDestinations,
  removeDestination,
  rotateDestination,
} from "../../../subscriptions/destinations/destinations.ts";
import { testDestination } from "../../../subscriptions/destinations/test.ts";
import { Cursors } from "../../http/cursors.ts";
import { etagsOf } from "../../http/edited.ts";
import { nextCursor, paging, shownInstant } from "../../http/fields.ts";
import { type Route, route } from "../../http/route.ts";
import { shownTest, showTest } from "../test-attempt.ts";
import {
  changedDestination,
  madeDestination,
  newDestination,
  readDestination,
  readDestinationChange,
  rotatedDestination,
  showDestination,
  shownDestination,
} from "./destination-schema.ts";

const path = "/api/cloud/destinations/";
const one = `${path}:name/`;
const params = Type.Object({ name: Type.String() });
const users = Type.Integer({ description: "How many subscriptions and rules go there." });
const listed = Type.Object({
  ...shownDestination.properties,
  users,
  etag: Type.String({ description: "What `If-Match` takes. One alone has it in the header `ETag`." }),
});

/** The tenant's named destinations: all who may subscribe see them and may go there, developers make and change them. */
export function destinationRoutes(deps: SubscriptionContext & Pick<Context, "prepareTarget">): Route[] {
  const { store } = deps;
  const cursors = new Cursors<string>(deps.vault, "destinations");
  const tag = "destinations";
  const seen = { role: "member", tag } as const;
  const kept = { role: "developer", tag } as const;
  const edited = async ({
    caller,
    params,
  }: {
    readonly caller: Principal;
    readonly params: { readonly name: string };
  }) => {
    const { tenant, name } = await findDestination(store, caller, params.name);
    return { things: [destinationThing(tenant, name)] };
  };
  return [
    route({
      ...seen,
      method: "GET",
      path,
      summary: "Lists the tenant's destinations, by name",
      query: Type.Object(paging),
      message: "Destinations retrieved",
      data: Type.Object({ destinations: Type.Array(listed), next_cursor: nextCursor }),
      handle: async ({ caller, query }) => {
        const page = cursors.page(caller, query);
        const before = await listDestinations(store, caller, page);
        // Read before what is shown, which is never older than its ETag.
        const etags = await etagsOf(
          store,
          before.map(({ tenant, name }) => destinationThing(tenant, name)),
        );
        const found = await listDestinations(store, caller, page);
        const destinations: Static<typeof listed>[] = [];
        for (const destination of found) {
          const etag = etags.get(destinationThing(destination.tenant, destination.name));
          if (etag === undefined) continue;
          const users = await store.destinations.countUsers(destination.number);
          destinations.push({ ...showDestination(deps, destination), users, etag });
          // Counting up to 2,000 of each holds others up for no longer than one count.
          await setImmediate();
        }
        return {
          destinations,
          ...cursors.next(caller, lastOfFull(before, page)?.name),
        };
      },
    }),
    route({
      ...kept,
      method: "POST",
      path,
      summary: "Makes a destination: a webhook with a name, by which subscriptions and rules of any face go there",
      description:
        'A subscription or rule goes there with `"target": {"type": "destination", "name": "…"}`. `conflict` for a name that is taken.',
      body: newDestination,
      status: 201,
      message: "Destination created; keep the signing secret, it is not shown again",
      data: madeDestination,
      handle: async ({ caller, body }) => {
        const { destination, signingSecret } = await createDestination(deps, caller, readDestination(body));
        return { ...showDestination(deps, destination), signing_secret: signingSecret };
      },
    }),
    route({
      ...seen,
      method: "GET",
      path: one,
      summary: "Shows a destination",
      params,
      edited,
      message: "Destination retrieved",
      data: Type.Object({
        ...shownDestination.properties,
        users,
      }),
      handle: async ({ caller, params: { name } }) => {
        const destination = await findDestination(store, caller, name);
        const users = await store.destinations.countUsers(destination.number);
        return { ...showDestination(deps, destination), users };
      },
    }),
    route({
      ...kept,
      method: "PATCH",
      path: one,
      summary: "Changes a destination: everything that goes there, retries that wait too, from the next attempt on",
      params,
      edited,
      body: changedDestination,
      message: "Destination changed",
      data: shownDestination,
      handle: async ({ caller, params: { name }, body, conditional }) =>
        showDestination(deps, await changeDestination(conditional(deps), caller, name, readDestinationChange(body))),
    }),
    route({
      ...kept,
      method: "DELETE",
      path: one,
      summary: "Deletes a destination",
      description:
        "`conflict` while subscriptions or rules go there, with how many and the first of them, unless `force` is true: then they are paused (reason `destination`), and keep their events until they are given another target.",
      params,
      query: Type.Object({ force: Type.Optional(Type.Enum(["true", "false"])) }),
      edited,
      message: "Destination deleted",
      data: Type.Object({}),
      handle: async ({ caller, params: { name }, query: { force }, conditional }) => {
        await removeDestination(conditional(deps), caller, name, force === "true");
        return {};
      },
    }),
    route({
      ...kept,
      method: "POST",
      path: `${one}rotate-secret/`,
      summary: "Makes a new signing secret; the one before signs too for 24 hours",
      params,
      edited,
      message: "Signing secret rotated; keep the new one, it is not shown again",
      data: rotatedDestination,
      handle: async ({ caller, params: { name }, conditional }) => {
        const { destination, signingSecret, untilMs } = await rotateDestination(conditional(deps), caller, name);
        return {
          ...showDestination(deps, destination),
          signing_secret: signingSecret,
          previous_secret_until: shownInstant(untilMs),
        };
      },
    }),
    route({
      ...kept,
      method: "POST",
      path: `${one}test/`,
      summary: "Sends a marked test event there now and answers with the attempt",
      description:
        "As a rule of a bucket would: the payload has `test: true`. Nothing is recorded and nothing is retried.",
      params,
      message: "Test event sent",
      data: shownTest,
      handle: async ({ caller, params: { name }, signal }) => {
        const destination = await findDestination(store, caller, name);
        return showTest(await testDestination(deps, caller, { destination }, signal));
      },
    }),
  ];
}
