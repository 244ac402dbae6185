import { describe, expect, it } from "vitest";
import { passwordProblem } from "./password-rules";

const theo = { email: "theo.brandt@acme.example", name: "Theo Brandt" };

describe("a new password", () => {
  it.each([
    "correct horse battery staple",
    "turn the key twice",
    "every other Tuesday we swim",
    "über sieben Brücken mußt du gehn",
    "七つの橋を渡らなければならない時もある",
    "vB7#qLw9!zRt2&Mx",
    "password managers are worth it",
    "the keyturn app is what I open first",
    "3141 bicycles for 2718 fish",
    "aaa dog named Bartholomew",
  ])("%j is taken", (password) => {
    expect(passwordProblem(password, theo)).toBeNull();
  });

  it.each(["", "short", "fourteen chars", "🔑".repeat(8), "e\u0301".repeat(14)])(
    "%j is too short",
    (password) => {
      expect(passwordProblem(password, theo)).toMatch(/at least 15 characters/);
    },
  );

  it("counts characters as people do, and has an upper bound that no passphrase meets", () => {
    expect(passwordProblem("🔑🚪🪟🧱🏠🌳🌊🐟🦊🐻🎈🎻🚲⛵🌙", theo)).toBeNull();
    const story = "We walked along the river until it was dark, and then we talked about the stars. ".repeat(
      4,
    );
    expect(passwordProblem(story.slice(40, 140), theo)).toBeNull();
    expect(passwordProblem(story.slice(0, 257), theo)).toMatch(/at most 256/);
  });

  it.each([
    "aaaaaaaaaaaaaaaaaaa",
    "passwordpassword",
    "Password Password Passw",
    "horse horse horse",
    "abc!abc!abc!abc!abc!",
    "................",
  ])("%j repeats itself", (password) => {
    expect(passwordProblem(password, theo)).toMatch(/repeats itself/);
  });

  it.each([
    "abcdefghijklmnop",
    "1234567890123456",
    "98765432109876543",
    "qwertyuiopasdfgh",
    "111222333444555666",
  ])("%j is a row", (password) => {
    expect(passwordProblem(password, theo)).toMatch(/repeats itself|keyboard or the alphabet/);
  });

  it.each([
    "TheoBrandt1234567",
    "theo.brandt@acme.example",
    "Keyturn Keyturn 2026",
    "keyturn-theo-2026!",
    "Brandt, Theo (2026)",
  ])("%j is mostly a name that everybody knows", (password) => {
    expect(passwordProblem(password, theo)).toMatch(/Your name|repeats itself/);
  });

  it.each([
    "1qaz2wsx3edc4rfv",
    "Q1W2E3R4T5Y6U7I8",
    "password2026!!!!",
    "2024 Iloveyou 2025",
    "lhbjkjubz2957704",
    "Ｐａｓｓｗｏｒｄ１２３４５６７",
    "Keyturn password 1",
  ])("%j is on the list of known ones, whatever its case, signs and digits", (password) => {
    expect(passwordProblem(password, theo)).toMatch(/first that anybody tries|keyboard/);
  });

  it("is refused with half a character, which no hash could hold", () => {
    expect(passwordProblem(`correct horse ${"\ud800"} battery`, theo)).toMatch(/can't be read/);
  });

  it("is judged without an owner's name, too", () => {
    expect(passwordProblem("correct horse battery staple", { email: "", name: "" })).toBeNull();
  });
});
