/** Who asks: WebAuthn's relying party. One RP ID and one origin, both from KEYTURN_URL. */
export type RelyingParty = { id: string; name: string; origin: string };

/** How long the browser lets the person take, in milliseconds: inside the challenge's lifetime. */
export const ceremonyTimeoutMs = 120_000;
