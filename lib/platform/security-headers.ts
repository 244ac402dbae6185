import type { Environment } from "./env";

/*
 * The headers of every answer (threats.md 22; ASVS v5.0.0-3.4). Set by the gate in front of Next, so that no answer
 * is without them, whoever makes it: pages, their prefetches, redirects, Next's own errors, our refusals.
 */

export type HeaderFacts = Pick<Environment, "secure"> & { development?: boolean };

/**
 * `file`: what the build made, the same for everybody. `page`: all else, since anything may turn out to be HTML: Next
 * answers an unknown address below /api/ with its page for that.
 */
export type AnswerKind = "page" | "file";

/** A path with `..` may be read as another one, and Next runs an action that is posted to any path: these are pages. */
export function answerKind(method: string, path: string): AnswerKind {
  const isFile = /^\/(_next\/static\/[\w./~%-]+|icon\.svg)$/.test(path) && !path.includes("..");
  return isFile && (method === "GET" || method === "HEAD") ? "file" : "page";
}

/** The headers of an answer, by lower-case name. Only pages have use for the nonce. */
export function securityHeaders(facts: HeaderFacts, kind: AnswerKind, nonce: string): Record<string, string> {
  return {
    "content-security-policy":
      kind === "page" ? pagePolicy(nonce, facts.development === true) : nothingPolicy,
    "x-content-type-options": "nosniff",
    // Nothing to other sites. Not even `no-referrer` says less to them, and that one makes a form's Origin `null`.
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": permissionsPolicy,
    // Next knows how long its files are good for, and sets it only where nothing is set.
    ...(kind === "file" ? {} : { "cache-control": "no-store" }),
    ...(facts.secure ? { "strict-transport-security": "max-age=63072000; includeSubDomains" } : {}),
  };
}

/** Loads and runs nothing, should a browser show a file as a page. What caches keep has no nonce. */
const nothingPolicy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/**
 * Scripts run by the answer's nonce alone, and the places where a string becomes code take only what the one policy
 * of instrumentation-client.ts lets through (ASVS v5.0.0-3.4.3; docs/decisions/011). Development has
 * neither Trusted Types nor nonced styles: React's development build evaluates text, and hot reload writes styles.
 */
function pagePolicy(nonce: string, development: boolean): string {
  const scripts = `'self' 'nonce-${nonce}' 'strict-dynamic'${development ? " 'unsafe-eval'" : ""}`;
  const styles = development ? "'self' 'unsafe-inline'" : `'self' 'nonce-${nonce}'`;
  return [
    "default-src 'self'",
    `script-src ${scripts}`,
    `style-src ${styles}`,
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    ...(development ? [] : ["require-trusted-types-for 'script'", "trusted-types default"]),
  ].join("; ");
}

/** What we use, for ourselves alone; and nothing of all the rest, for nobody. */
const permissionsPolicy = [
  ...["publickey-credentials-get", "publickey-credentials-create", "clipboard-write"].map(
    (feature) => `${feature}=(self)`,
  ),
  ...[
    "accelerometer",
    "autoplay",
    "browsing-topics",
    "camera",
    "captured-surface-control",
    "clipboard-read",
    "compute-pressure",
    "cross-origin-isolated",
    "digital-credentials-get",
    "display-capture",
    "encrypted-media",
    "fullscreen",
    "gamepad",
    "geolocation",
    "gyroscope",
    "hid",
    "identity-credentials-get",
    "idle-detection",
    "keyboard-map",
    "local-fonts",
    "local-network-access",
    "magnetometer",
    "microphone",
    "midi",
    "otp-credentials",
    "payment",
    "picture-in-picture",
    "private-state-token-issuance",
    "private-state-token-redemption",
    "screen-wake-lock",
    "serial",
    "speaker-selection",
    "storage-access",
    "sync-xhr",
    "usb",
    "window-management",
    "xr-spatial-tracking",
  ].map((feature) => `${feature}=()`),
].join(", ");
