import { randomUUID } from "node:crypto";
import { describe, expect, it, vi } from "vitest";
import { newSecret } from "./secret";
import { readSessionCookie, writeSessionCookie } from "./session-cookie";

const key = "a key of this server, long enough to be one";

function presented() {
  return { sessionId: randomUUID(), secret: newSecret() };
}

describe("the session's cookie", () => {
  it("gives back what was put in, the second time too", async () => {
    const cookie = presented();
    const value = await writeSessionCookie(cookie, key);
    expect(await readSessionCookie(value, key)).toEqual(cookie);
    expect(await readSessionCookie(value, key)).toEqual(cookie);
  });

  it("is nothing under another key, also after the right key opened it", async () => {
    const cookie = presented();
    const value = await writeSessionCookie(cookie, key);
    expect(await readSessionCookie(value, key)).toEqual(cookie);
    expect(await readSessionCookie(value, `${key}, but another`)).toBeNull();
    expect(await readSessionCookie(value, key)).toEqual(cookie);
  });

  it("ends at its time, also where it was opened before", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    try {
      const value = await writeSessionCookie(presented(), key, 60);
      expect(await readSessionCookie(value, key)).not.toBeNull();
      vi.setSystemTime(Date.now() + 61_000);
      expect(await readSessionCookie(value, key)).toBeNull();
    } finally {
      vi.useRealTimers();
    }
  });

  it.each(["", "x", "a.b.c.d.e", "ey".repeat(5000)])("is nothing when it is %j", async (value) => {
    expect(await readSessionCookie(value, key)).toBeNull();
  });

  it("with a changed letter is nothing", async () => {
    const value = await writeSessionCookie(presented(), key);
    await readSessionCookie(value, key);
    const at = value.length - 5;
    const other = value[at] === "A" ? "B" : "A";
    expect(await readSessionCookie(value.slice(0, at) + other + value.slice(at + 1), key)).toBeNull();
  });

  it("is told apart from a thousand others", async () => {
    const first = presented();
    const value = await writeSessionCookie(first, key);
    for (let count = 0; count < 1001; count++)
      await readSessionCookie(await writeSessionCookie(presented(), key), key);
    expect(await readSessionCookie(value, key)).toEqual(first);
  });
});
