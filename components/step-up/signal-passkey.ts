import type { PasskeySignal } from "@/lib/security/own-authenticator";

type Signals = {
  signalUnknownCredential?(options: { rpId: string; credentialId: string }): Promise<void>;
  signalCurrentUserDetails?(options: {
    rpId: string;
    userId: string;
    name: string;
    displayName: string;
  }): Promise<void>;
};

/**
 * Tells the browser's passkey manager what has changed, so that it doesn't go on offering what is gone (WebAuthn L3
 * § 5.1.10). A courtesy: browsers without it, or that refuse, lose nothing.
 */
export async function signalPasskey(signal: PasskeySignal | null): Promise<void> {
  if (!signal || typeof PublicKeyCredential === "undefined") return;
  const signals = PublicKeyCredential as unknown as Signals;
  try {
    if (signal.kind === "unknown-credential") {
      const { rpId, credentialId } = signal;
      await signals.signalUnknownCredential?.({ rpId, credentialId });
    } else {
      const { rpId, userId, name, displayName } = signal;
      await signals.signalCurrentUserDetails?.({ rpId, userId, name, displayName });
    }
  } catch {
    // Nothing depends on it.
  }
}
