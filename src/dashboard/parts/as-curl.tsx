import { CopyButton } from "./copy.tsx";
import { Row } from "./page.tsx";
import { TextBlock } from "./text.tsx";

/** The request that a form will make, as a command. */
export function AsCurl({ command }: { readonly command: string }) {
  return (
    <details>
      <summary>As curl</summary>
      <TextBlock label="The request as a command">{command}</TextBlock>
      <Row>
        <CopyButton text={command} what="the command" />
      </Row>
    </details>
  );
}
