import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import type { News } from "../../api/live-stream.ts";
import { reaches, useSelf } from "../../api/session.ts";
import { Button } from "../../parts/button.tsx";
import { Empty } from "../../parts/notice.tsx";
import { Page, Stack } from "../../parts/page.tsx";
import { type Shortcut, useShortcuts } from "../../parts/shortcuts.ts";
import { Text } from "../../parts/text.tsx";
import styles from "./live.module.css";
import { LiveRow } from "./live-row.tsx";
import { type LiveTopicName, useLiveRows } from "./use-live-rows.ts";

const topicNames: readonly LiveTopicName[] = ["events", "deliveries", "invocations", "redrives"];

/** What happens, as it happens. */
export function Live() {
  const { tenant } = useParams({ from: "/t/$tenant/live" });
  const { topics: asked, where = "" } = useSearch({ from: "/t/$tenant/live" });
  const navigate = useNavigate({ from: "/t/$tenant/live" });
  const self = useSelf();
  const mine = topicNames.filter((topic) => topic !== "invocations" || reaches(self, "developer"));
  const chosen = asked?.split(",") ?? ["events", "deliveries"];
  const topics = mine.filter((topic) => chosen.includes(topic));
  const [isPaused, setPaused] = useState(false);
  const { rows, rate, held, problem, load } = useLiveRows(topics, where, isPaused);
  useShortcuts(pauseKeys(() => setPaused((paused) => !paused)));
  const choose = (topic: LiveTopicName): void => {
    const next = topics.includes(topic) ? topics.filter((one) => one !== topic) : [...topics, topic];
    void navigate({ search: (before) => ({ ...before, topics: next.join() }), replace: true });
  };
  return (
    <Page
      title="Live"
      lead={
        <span className={styles["rate"]}>
          {rate.toLocaleString("en")} a second{isPaused ? ` · paused, ${held.toLocaleString("en")} new` : ""}
        </span>
      }
      actions={
        <Button look="primary" aria-pressed={isPaused} onClick={() => setPaused(!isPaused)}>
          {isPaused ? "Go on" : "Pause"}
        </Button>
      }
    >
      <Stack>
        <div className={styles["bar"]}>
          <fieldset className={styles["topics"]}>
            <legend>Topics</legend>
            {mine.map((topic) => (
              <label key={topic}>
                <input type="checkbox" checked={topics.includes(topic)} onChange={() => choose(topic)} />
                {topic}
              </label>
            ))}
          </fieldset>
          <Where
            key={where}
            where={where}
            onWhere={(text) =>
              void navigate({ search: { topics: topics.join(), ...(text === "" ? {} : { where: text }) } })
            }
          />
        </div>
        {problem !== undefined && (
          <p role="alert">
            <Text max={1_000}>{problem}</Text>
          </p>
        )}
        <Rows rows={rows} tenant={tenant} onLoad={load} />
      </Stack>
    </Page>
  );
}

function Where({ where, onWhere }: { readonly where: string; readonly onWhere: (text: string) => void }) {
  const [text, setText] = useState(where);
  return (
    <form
      className={styles["where"]}
      onSubmit={(event) => {
        event.preventDefault();
        onWhere(text.trim());
      }}
    >
      <label htmlFor="live-where">Filter of object events, applied with Enter</label>
      <input
        id="live-where"
        value={text}
        spellCheck={false}
        autoComplete="off"
        placeholder={`WHERE key LIKE 'images/%'`}
        onChange={(event) => setText(event.target.value)}
      />
    </form>
  );
}

interface RowsProps {
  readonly rows: readonly News[];
  readonly tenant: string;
  readonly onLoad: (gap: News) => void;
}

function Rows({ rows, tenant, onLoad }: RowsProps) {
  if (rows.length === 0) {
    return (
      <Empty title="Nothing has happened since you came">
        <p>Write an object, or send a test event: it stands here at once. At a terminal: signalbox tail</p>
      </Empty>
    );
  }
  return (
    <ul className={styles["rows"]} aria-label="What happened, newest first">
      {rows.map((news) => (
        <LiveRow key={news.id} news={news} tenant={tenant} onLoad={onLoad} />
      ))}
    </ul>
  );
}

function pauseKeys(run: () => void): readonly Shortcut[] {
  return ["Space", "."].map((keys) => ({ keys, label: "Pause, or go on", run }));
}
