import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { type ActionName, protectedActions } from "@/lib/protected-actions";
import { ruledActions } from "./words";

/** The names of all commands, read from their files. */
const commands = new Set(
  readdirSync("lib", { recursive: true })
    .map(String)
    .filter((path) => path.endsWith(".ts") && !path.includes("test"))
    .flatMap((path) => [
      ...readFileSync(join("lib", path), "utf8").matchAll(/defineCommand\(\{\s*name: "([\w.-]+)"/g),
    ])
    .map(([, name]) => name),
);

it("has a row for every action that this version offers and that asks for a proof, and for no other", () => {
  const offered = (Object.keys(protectedActions) as ActionName[]).filter(
    (name) => protectedActions[name].asks === "proof" && commands.has(name),
  );
  expect([...ruledActions].sort()).toEqual(offered.sort());
});
