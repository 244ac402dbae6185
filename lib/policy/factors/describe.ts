import type { SwitchableFactor } from "./read-factors";

/** What a factor is, as the card of it tells administrators. */
export type Described = {
  /** In one sentence. */
  is: string;
  /** NIST SP 800-63-4's three: something you know, have, are. */
  category: string;
  phishingResistant: boolean;
  /** What NIST SP 800-63B-4 says of it. */
  nist: string;
};

export const described: Record<SwitchableFactor, Described> = {
  passkey: {
    is: "A key pair that the person's device, password manager or security key keeps; a fingerprint, face or screen lock unlocks it.",
    category: "Something you have, unlocked by something you are or know",
    phishingResistant: true,
    nist: "Phishing-resistant, AAL2; AAL3 where the key can't leave its hardware (§\u00a03.1.6, 3.1.7).",
  },
  totp: {
    is: "A six-digit code that an app on the person's phone makes anew every 30 seconds.",
    category: "Something you have",
    phishingResistant: false,
    nist: "Allowed at AAL2 beside a password; a person can be tricked into typing it elsewhere (§\u00a03.1.4).",
  },
  "email-code": {
    is: "A six-digit code that is mailed when the person asks for it, and works for ten minutes.",
    category: "Something you have: whoever reads the mailbox has it",
    phishingResistant: false,
    nist: "Not accepted as an out-of-band authenticator: a mailbox is no device that a person has (§\u00a03.1.3.1).",
  },
  "sms-code": {
    is: "A six-digit code that is sent to the person's phone as a text message, and works for ten minutes.",
    category: "Something you have: a phone number",
    phishingResistant: false,
    nist: "Restricted: offer another one beside it, tell people of its risk, and plan to do without (§\u00a03.2.9).",
  },
  "recovery-code": {
    is: "One of ten codes on paper. It pays for one new authenticator, and unlocks no customer data.",
    category: "Something you have",
    phishingResistant: false,
    nist: "A look-up secret, kept for recovery alone (§\u00a03.1.2, 4.2).",
  },
};
