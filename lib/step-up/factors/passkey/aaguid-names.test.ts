import { expect, it } from "vitest";
import { passkeyName } from "./aaguid-names";

it("names a passkey after a provider that is known, and Passkey otherwise", () => {
  expect(passkeyName("ea9b8d66-4d01-1d21-3ce4-b6b48cb575d4")).toBe("Google Password Manager");
  expect(passkeyName("00000000-0000-0000-0000-000000000000")).toBe("Passkey");
});
