import Bowser from "bowser";

/** A browser as people call it, from its User-Agent: "Firefox on Windows". What the header says, no more. */
export function deviceName(userAgent: string): string {
  if (!userAgent) return "an unknown browser";
  const { browser, os } = Bowser.parse(userAgent);
  if (!browser.name) return "an unknown browser";
  return os.name ? `${browser.name} on ${os.name}` : browser.name;
}
