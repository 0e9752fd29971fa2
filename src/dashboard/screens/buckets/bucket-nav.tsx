import { Tabs } from "../../parts/tabs.tsx";

interface BucketNavProps {
  readonly tenant: string;
  readonly bucket: string;
}

/** What there is of a bucket. */
export function BucketNav({ tenant, bucket }: BucketNavProps) {
  const root = `/t/${encodeURIComponent(tenant)}`;
  const own = `${root}/buckets/${encodeURIComponent(bucket)}`;
  const tabs = [
    { label: "‹ All buckets", to: `${root}/buckets` },
    { label: "Objects", to: `${own}/objects` },
    { label: "Settings", to: `${own}/settings` },
    { label: "Why was an object not announced?", to: `${own}/explain` },
    { label: "Deliveries", to: `${root}/deliveries`, search: { bucket } },
  ];
  return <Tabs label="Of this bucket" tabs={tabs} />;
}
