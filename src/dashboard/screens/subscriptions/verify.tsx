import { useState } from "react";
import { CopyButton } from "../../parts/copy.tsx";
import { Choice } from "../../parts/field.tsx";
import { Row, Stack } from "../../parts/page.tsx";
import { TextBlock } from "../../parts/text.tsx";

/** How a receiver checks that a request came from here (Standard Webhooks). */
const snippets = {
  node: `import { createHmac, timingSafeEqual } from "node:crypto";

function isOurs(secret, headers, body) {
  const signed = \`\${headers["webhook-id"]}.\${headers["webhook-timestamp"]}.\${body}\`;
  const key = Buffer.from(secret.replace("whsec_", ""), "base64");
  const wanted = createHmac("sha256", key).update(signed).digest();
  return headers["webhook-signature"].split(" ").some((part) => {
    const given = Buffer.from(part.replace("v1,", ""), "base64");
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  });
}`,
  python: `import base64, hmac

def is_ours(secret, headers, body: bytes):
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    key = base64.b64decode(secret.removeprefix("whsec_"))
    wanted = base64.b64encode(hmac.digest(key, signed, "sha256")).decode()
    return any(hmac.compare_digest(part, "v1," + wanted)
               for part in headers["webhook-signature"].split(" "))`,
};

export function Verify() {
  const [language, setLanguage] = useState<keyof typeof snippets>("node");
  return (
    <Stack>
      <Choice
        label="Verify it in"
        value={language}
        options={[
          { value: "node", label: "Node" },
          { value: "python", label: "Python" },
        ]}
        onValue={setLanguage}
      />
      <TextBlock label="Code that verifies a signature">{snippets[language]}</TextBlock>
      <Row>
        <CopyButton text={snippets[language]} what="the code" />
      </Row>
    </Stack>
  );
}
