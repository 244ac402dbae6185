"use client";

import { useEffect, useState } from "react";
import { Skeleton } from "./skeleton";

/** A text as a QR code, drawn in the browser: what it holds goes nowhere. Black on white in both themes, for scanners. */
export function QrCode({ text, label }: { text: string; label: string }) {
  const [picture, setPicture] = useState<string | null>(null);
  useEffect(() => {
    let shown = true;
    void import("qrcode")
      .then((qr) => qr.toString(text, { type: "svg", margin: 2, errorCorrectionLevel: "M" }))
      .then((svg) => shown && setPicture(`data:image/svg+xml;utf8,${encodeURIComponent(svg)}`));
    return () => {
      shown = false;
    };
  }, [text]);
  return (
    <div className="size-44 shrink-0 overflow-hidden rounded-lg border border-line bg-white p-1.5 forced-color-adjust-none">
      {picture ? (
        // biome-ignore lint/performance/noImgElement: a data URI, made in this page; nothing to optimise.
        <img src={picture} alt={label} className="size-full" />
      ) : (
        <Skeleton className="size-full" />
      )}
    </div>
  );
}
