import assert from "node:assert/strict";
import { it } from "node:test";
import { folderCommand, runFolderCommand } from "./command.ts";

const remedies = [
  [["check", "data"], /use pg_amcheck/],
  [["adopt", "data"], /a start that is refused says what to do/],
  [["backup", "to", "data"], /pg_dump, .*docs\/operations\.md tells in which order/],
  [["restore", "from", "data"], /pg_restore/],
  [["secret", "rotate", "data"], /start the server once with SIGNALBOX_SECRET_KEY set to the new key/],
] as const;

for (const [argv, remedy] of remedies) {
  it(`signalbox ${argv[0]} says what to do where the database is in PostgreSQL`, async () => {
    const said: string[] = [];
    const command = folderCommand(argv);
    assert.ok(command !== undefined);
    const env = { SIGNALBOX_STORE: "postgres://user:password-of-it@db/signalbox" };
    const tell = (text: string): void => void said.push(text);
    assert.equal(await runFolderCommand(command, argv, { env, out: tell, err: tell }), 1);
    assert.equal(said.length, 1);
    assert.match(said[0] ?? "", remedy);
    assert.match(said[0] ?? "", /unset SIGNALBOX_STORE to work on a folder that has its database in it$/);
    assert.doesNotMatch(said[0] ?? "", /password-of-it/);
  });
}
