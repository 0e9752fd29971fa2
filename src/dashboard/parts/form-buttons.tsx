import { Button } from "./button.tsx";
import { Row } from "./page.tsx";

interface FormButtonsProps {
  /** What sending the form does. Default: `Save`. */
  readonly label?: string;
  readonly busy: boolean;
  /** There is nothing that could be sent yet. */
  readonly disabled?: boolean;
  readonly onCancel: () => void;
}

/** How a form is sent, or left. */
export function FormButtons({ label = "Save", busy, disabled = false, onCancel }: FormButtonsProps) {
  return (
    <Row>
      <Button look="primary" type="submit" busy={busy} disabled={disabled}>
        {label}
      </Button>
      <Button look="ghost" onClick={onCancel}>
        Cancel
      </Button>
    </Row>
  );
}
