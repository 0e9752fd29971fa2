/** publish_in of the package for Python, with psycopg and Django. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { loggedEvents, openShop } from "../support/inboxes.ts";
import { blocksOf, read } from "../support/markdown.ts";
import { postgresServer } from "../support/postgres.ts";
import { shared } from "../support/shared.ts";
import { python } from "./python.ts";

/** What the example of Django speaks of: a model of a table that is there. */
const django = `
import os, django, psycopg
from django.conf import settings
parts = psycopg.conninfo.conninfo_to_dict(dsn)
database = {"ENGINE": "django.db.backends.postgresql", "NAME": parts["dbname"], "USER": parts["user"], "HOST": parts["host"], "PORT": parts["port"]}
settings.configure(DATABASES={"default": database}, INSTALLED_APPS=[])
django.setup()
from django.db import models
class Order(models.Model):
    id = models.IntegerField(primary_key=True)
    customer = models.TextField()
    class Meta:
        app_label = "shop"
        db_table = "orders"
`;

describe("publish_in of the package for Python", () => {
  const postgres = shared(() => postgresServer());

  it("publishes what commits, and nothing else", async () => {
    await using shop = await openShop(postgres());
    await python(["-W", "error::ResourceWarning", "-m", "unittest", "tests.with_inbox"], {
      env: { INBOX_DSN: shop.url },
    });
    await shop.drained();
    const logged = await loggedEvents(
      (method, path) => shop.server.api(method, path),
      "limit=100&event=POST_ORDER_PLACE",
    );
    assert.deepEqual(
      logged.map(({ resource }) => resource).toSorted(),
      [1, 2, 3, 4, 5, 6, 7].map((id) => `order-${id}-900`),
    );
    const noted = logged.find(({ resource }) => resource === "order-6-900");
    const { note } = (await shop.params(noted)) as { readonly note: string };
    assert.equal(note, "nul \u0000, half \ud800, ü, \u{1f600}");
    assert.equal(logged.find(({ resource }) => resource === "order-2-900")?.actor, "ada");
    assert.deepEqual(await shop.sql("SELECT reason FROM signalbox.inbox"), []);
  });

  it("does what docs/inbox.md says", async () => {
    await using shop = await openShop(postgres());
    await shop.sql("CREATE TABLE public.orders (id integer PRIMARY KEY, customer text NOT NULL)");
    const blocks = blocksOf(read("docs/inbox.md")).filter(({ info }) => info.startsWith("python "));
    assert.deepEqual(
      blocks.map(({ info }) => info),
      ["python psycopg", "python django"],
    );
    for (const { info, text } of blocks) {
      const before = `import os\ndsn = os.environ["INBOX_DSN"]\n${info === "python django" ? django : ""}`;
      await python(["-c", `${before}\n${text}`], { env: { INBOX_DSN: shop.url } });
    }
    await shop.drained();
    const logged = await shop.logged();
    assert.deepEqual(await Promise.all(logged.map((event) => shop.params(event))), [{ id: 7 }, { id: 8 }]);
    assert.equal(logged[1]?.resource, "order-8-900");
  });
});
