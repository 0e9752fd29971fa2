import { Link } from "@tanstack/react-router";
import { buttonClass } from "../../parts/button.tsx";
import { Card } from "../../parts/page.tsx";
import { TextBlock } from "../../parts/text.tsx";
import styles from "./begin.module.css";

const byFunction = "signalbox function deploy my-app check-user.ts";

/** What can be done first, where there is no subscription yet. */
export function Begin({ tenant }: { readonly tenant: string }) {
  return (
    <div className={styles["begin"]}>
      <Card title="Tell a webhook about objects">
        <p>Make a bucket, then enable notifications in its settings.</p>
        <div>
          <Link className={buttonClass("primary")} to="/t/$tenant/buckets" params={{ tenant }}>
            Buckets
          </Link>
        </div>
      </Card>
      <Card title="Run code before or after an operation">
        <p>A function can refuse or change an operation before it happens, or act on it afterwards.</p>
        <TextBlock label="A command that deploys a function">{byFunction}</TextBlock>
      </Card>
      <Card title="Tell a user when a resource changes">
        <p>Every user may subscribe to what they see, by webhook or by mail.</p>
      </Card>
    </div>
  );
}
