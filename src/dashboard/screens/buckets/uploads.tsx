import { type ChangeEvent, useEffect, useRef, useState } from "react";
import { upload } from "../../api/client.ts";
import { Button } from "../../parts/button.tsx";
import { Problem } from "../../parts/notice.tsx";
import { Card, Row, Stack } from "../../parts/page.tsx";
import { Progress } from "../../parts/progress.tsx";
import { Text } from "../../parts/text.tsx";
import { bytes } from "../../parts/time.tsx";

/** Files on their way into a bucket, one after the other: how far each is, and a way to stop it. */

interface Upload {
  readonly key: string;
  readonly file: File;
  readonly sent: number;
  readonly stop: AbortController;
  readonly error?: unknown;
}

interface UploadsState {
  /** Those that are on their way or failed. */
  readonly open: readonly Upload[];
  add(prefix: string, files: readonly File[]): void;
  /** Stops one that is on its way; one that failed is forgotten. */
  drop(one: Upload): void;
}

export function useUploads({ bucket, onStored }: { bucket: string; onStored: () => Promise<void> }): UploadsState {
  const [open, setOpen] = useState<readonly Upload[]>([]);
  const last = useRef<Promise<void>>(Promise.resolve());
  const all = useRef(new Set<AbortController>());
  useEffect(() => {
    const stops = all.current;
    // After leaving the screen one would not see what becomes of them.
    return () => {
      for (const stop of stops) stop.abort();
    };
  }, []);
  const change = (stop: AbortController, by: Partial<Upload>): void =>
    setOpen((before) => before.map((one) => (one.stop === stop ? { ...one, ...by } : one)));
  const forget = (stop: AbortController): void => {
    all.current.delete(stop);
    setOpen((before) => before.filter((one) => one.stop !== stop));
  };
  const send = async ({ key, file, stop }: Upload): Promise<void> => {
    try {
      stop.signal.throwIfAborted();
      await upload({ params: { bucket }, query: { key } }, file, {
        signal: stop.signal,
        onSent: (sent) => change(stop, { sent }),
      });
      forget(stop);
      await onStored();
    } catch (thrown) {
      if (stop.signal.aborted) forget(stop);
      else change(stop, { error: thrown });
    }
  };
  return {
    open,
    add: (prefix, files) => {
      const added = files.map((file): Upload => {
        const stop = new AbortController();
        all.current.add(stop);
        return { key: `${prefix}${file.name}`, file, sent: 0, stop };
      });
      setOpen((before) => [...before, ...added]);
      for (const one of added) last.current = last.current.then(() => send(one));
    },
    drop: ({ stop, error }) => {
      stop.abort();
      if (error !== undefined) forget(stop);
    },
  };
}

export function Uploads({ of }: { readonly of: UploadsState }) {
  if (of.open.length === 0) return null;
  return (
    <Card title="Uploads">
      <Stack>
        {of.open.map((one, index) => (
          <div key={`${index} ${one.key}`}>
            {one.error === undefined ? (
              <Progress
                label={<Text mono>{one.key}</Text>}
                value={one.sent}
                max={one.file.size}
                action={<Button onClick={() => of.drop(one)}>Cancel</Button>}
              >
                {`${bytes(one.sent)} of ${bytes(one.file.size)}`}
              </Progress>
            ) : (
              <Stack>
                <Row>
                  <Text mono>{one.key}</Text>
                  <Button onClick={() => of.drop(one)}>Dismiss</Button>
                </Row>
                <Problem error={one.error} />
              </Stack>
            )}
          </div>
        ))}
      </Stack>
    </Card>
  );
}

export function UploadButton({ onFiles }: { readonly onFiles: (files: readonly File[]) => void }) {
  const input = useRef<HTMLInputElement>(null);
  const chosen = (event: ChangeEvent<HTMLInputElement>): void => {
    onFiles([...(event.target.files ?? [])]);
    event.target.value = "";
  };
  return (
    <>
      <input ref={input} type="file" multiple hidden aria-label="Files to upload" onChange={chosen} />
      <Button look="primary" onClick={() => input.current?.click()}>
        Upload files
      </Button>
    </>
  );
}
