/** A test whose processes may compute for longer at one go than others, and why. */
export interface AllowedStall {
  /** From the root of the repository. */
  readonly file: string;
  readonly ms: number;
  readonly reason: string;
}

export const allowedStalls: readonly AllowedStall[] = [
  {
    file: "src/sandbox/workerd/attacks.test.ts",
    ms: 5_000,
    reason: "the test itself looks through all the memory of a process for what should not be there",
  },
  ...["crash", "hooks", "notifications"].map((name) => ({
    file: `test/crash/${name}.test.ts`,
    ms: 1_000,
    reason: "the test itself opens what the killed server left, and compares it with all that clients were told",
  })),
  {
    file: "test/cli/rotate.test.ts",
    ms: 1_000,
    reason: "the test itself opens the databases of killed processes, and every secret that is sealed in them",
  },
  {
    file: "src/targets/connections.test.ts",
    ms: 400,
    reason: "the test begins, and ends, more than 600 exchanges in one turn of the loop; the engine begins 64",
  },
  {
    file: "src/mail/smtp.test.ts",
    ms: 1_000,
    reason: "the test sends 10,000 mails in one turn of the loop; the engine sends 64",
  },
  {
    file: "test/subscriptions/parsed-once.test.ts",
    ms: 1_000,
    reason: "the test itself has the engine count the calls of every function that this process has loaded",
  },
  ...["matrix", "queries"].map((name) => ({
    file: `test/sight/${name}.test.ts`,
    ms: 120,
    reason:
      "ten callers ask at once in the process of the server, and the test looks through each answer for all that they must not read",
  })),
  {
    file: "test/host/cloudevents.test.ts",
    ms: 1_000,
    reason: "the test lets a week pass on its clock at once, with every timer that is due in it",
  },
  ...["real-bodies", "hostile-types"].map((name) => ({
    file: `test/declarations/${name}.test.ts`,
    ms: 2_000,
    reason:
      "the test itself makes and compiles JSON Schemas of everything that is sent, when there is no server any more",
  })),
  {
    file: "test/notifications/fan-out.test.ts",
    ms: 400,
    reason: "the test's receiver, in the same process, takes a thousand connections at once",
  },
];
