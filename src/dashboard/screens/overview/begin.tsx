import { Link } from "@tanstack/react-router";
import { reaches, useSelf } from "../../api/session.ts";
import { buttonClass } from "../../parts/button.tsx";
import { CopyButton } from "../../parts/copy.tsx";
import { Card, Row } from "../../parts/page.tsx";
import { TextBlock } from "../../parts/text.tsx";
import styles from "./begin.module.css";
import { FirstNotification } from "./first-notification.tsx";
import { FirstRule } from "./first-rule.tsx";

const asDeveloper = "signalbox function deploy my-app check-user.ts";

/** What can be done first, where there is no subscription yet: each runs to its end with the values that stand there. */
export function Begin({ tenant }: { readonly tenant: string }) {
  const self = useSelf();
  return (
    <div className={styles["begin"]}>
      <Card title="Tell a webhook about objects">
        <p>Each object that is created, overwritten or deleted in a bucket goes to a URL of yours, signed.</p>
        <FirstRule tenant={tenant} />
      </Card>
      {reaches(self, "developer") && (
        <Card title="Run code before or after an operation">
          <p>A function can refuse or change an operation before it happens, or act on it afterwards.</p>
          <Row>
            <Link className={buttonClass("primary")} to="/t/$tenant/functions/new" params={{ tenant }}>
              Write a function
            </Link>
          </Row>
          <details>
            <summary>On the command line</summary>
            <TextBlock label="A command that deploys a function">{asDeveloper}</TextBlock>
            <CopyButton text={asDeveloper} what="the command" />
          </details>
        </Card>
      )}
      <Card title="Tell me when something changes">
        <p>Everyone who sees a resource may be notified of what happens to it, by mail or by webhook.</p>
        <FirstNotification tenant={tenant} />
      </Card>
    </div>
  );
}
