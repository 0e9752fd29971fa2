import type { ComponentProps } from "react";
import styles from "./button.module.css";

type Look = "plain" | "primary" | "danger" | "ghost" | "link";

interface ButtonProps extends ComponentProps<"button"> {
  readonly look?: Look;
  /** Under way: it cannot be pressed again, and says so to screen readers. */
  readonly busy?: boolean;
}

export function Button({ look = "plain", busy = false, disabled, type = "button", className, ...rest }: ButtonProps) {
  return (
    <button
      {...rest}
      type={type}
      disabled={disabled === true || busy}
      aria-busy={busy}
      className={buttonClass(look, className)}
    />
  );
}

/** For links that look like buttons. */
export function buttonClass(look: Look = "plain", more?: string): string {
  return [styles["button"], look === "plain" ? "" : styles[look], more ?? ""].filter(Boolean).join(" ");
}

interface IconButtonProps extends Omit<ButtonProps, "aria-label"> {
  /** Its name, for screen readers and as a tip. */
  readonly label: string;
}

export function IconButton({ label, className, ...rest }: IconButtonProps) {
  const classes = [styles["icon"], className ?? ""].filter(Boolean).join(" ");
  return <Button {...rest} aria-label={label} title={label} className={classes} />;
}
