import { describe, expect, it } from "vitest";
import { commitmentOf, openingText, parseOpening, sealOpening, type Told } from "./opening";

const key = [{ id: "subject", key: Buffer.alloc(32, 1) }];
const told: Told = { by: { name: "Theo", email: "theo@keyturn.example" }, digest: "0".repeat(64) };

describe("what a row tells", () => {
  it("opens for its own row alone, with its subject's key", () => {
    const { sealed, digest } = sealOpening(key, "row", told);
    const text = openingText(key, "row", sealed);
    expect(commitmentOf(text)).toBe(digest);
    expect(parseOpening(text)).toMatchObject(told);
    expect(() => openingText(key, "another row", sealed)).toThrow("belongs elsewhere");
    expect(() => openingText([{ id: "subject", key: Buffer.alloc(32, 2) }], "row", sealed)).toThrow();
  });

  it("is committed to with a salt: of two rows that tell the same nobody sees it, and nobody can try guesses", () => {
    const [one, other] = [sealOpening(key, "row", told), sealOpening(key, "row", told)];
    expect(one.digest).not.toBe(other.digest);
    const { salt } = parseOpening(openingText(key, "row", one.sealed));
    expect(Buffer.from(salt, "base64url")).toHaveLength(32);
  });
});
