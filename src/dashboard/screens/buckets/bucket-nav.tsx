import { Link } from "@tanstack/react-router";
import { Row } from "../../parts/page.tsx";

interface BucketNavProps {
  readonly tenant: string;
  readonly bucket: string;
}

/** What there is of a bucket. */
export function BucketNav({ tenant, bucket }: BucketNavProps) {
  const params = { tenant, bucket };
  return (
    <nav aria-label="Of this bucket">
      <Row>
        <Link to="/t/$tenant/buckets" params={{ tenant }}>
          All buckets
        </Link>
        <Link to="/t/$tenant/buckets/$bucket/objects" params={params} search={{}}>
          Objects
        </Link>
        <Link to="/t/$tenant/buckets/$bucket/settings" params={params} search={{}}>
          Settings
        </Link>
        <Link to="/t/$tenant/buckets/$bucket/explain" params={params} search={{}}>
          Why was an object not announced?
        </Link>
        <Link to="/t/$tenant/deliveries" params={{ tenant }} search={{ bucket }}>
          Deliveries
        </Link>
      </Row>
    </nav>
  );
}
