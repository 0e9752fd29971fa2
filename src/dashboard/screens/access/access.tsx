import { reaches, useSelf } from "../../api/session.ts";
import { Page, Stack } from "../../parts/page.tsx";
import { Keys } from "./keys.tsx";
import { Principals } from "./principals.tsx";
import { Tokens } from "./tokens.tsx";

/** Who may come in, and by what. */
export function Access() {
  const self = useSelf();
  return (
    <Page title="Access" lead="Tokens for the API, key pairs for S3, and the principals that they belong to.">
      <Stack>
        {reaches(self, "admin") && <Tokens />}
        <Keys />
        {reaches(self, "admin") && <Principals />}
      </Stack>
    </Page>
  );
}
