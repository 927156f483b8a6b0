import { useMemo } from "react";
import css from "./qr-code.module.css";
import { qrPath } from "./qr-path.ts";

interface QrCodeProps {
  /** What a reader is given. It leaves the page in no other way. */
  readonly text: string;
  /** What it is for, for who does not see it. */
  readonly label: string;
}

/** A QR code, dark on light whatever the scheme: readers take no other. */
export function QrCode({ text, label }: QrCodeProps) {
  const { size, path } = useMemo(() => qrPath(text), [text]);
  return (
    <svg className={css["code"]} viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label}>
      <rect className={css["light"]} width={size} height={size} />
      <path className={css["dark"]} d={path} shapeRendering="crispEdges" />
    </svg>
  );
}
