/** Who asks: WebAuthn's relying party. One RP ID and one origin, both from KEYTURN_URL. */
export type RelyingParty = { id: string; name: string; origin: string };

/** ES256, EdDSA, RS256: what is offered and what is accepted (threats.md 15). */
export const algorithms = { es256: -7, eddsa: -8, rs256: -257 } as const;
export const algorithmIds = Object.values(algorithms);

/** Longest credential id that is accepted (WebAuthn L3 § 7.1 step 25). */
export const longestCredentialId = 1023;
