/**
 * Six ASCII digits from what a person typed or pasted: full-width digits, spaces and dashes are forgiven. null for
 * anything else. One form per code, so that a padded or spaced one is the same code (Vault CVE-2025-6015).
 */
export function normaliseCode(typed: string): string | null {
  const digits = typed.normalize("NFKC").replace(/[\s\p{Pd}\u2212]/gu, "");
  return /^[0-9]{6}$/.test(digits) ? digits : null;
}
