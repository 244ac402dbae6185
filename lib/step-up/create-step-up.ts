import { createDefineAction } from "./define-action";
import { createDownloadGate } from "./download";
import { createPageGate } from "./page-gate";
import type { Ports } from "./ports";

/** Plugs an app's ports into the layer: the pipeline for what changes, the gates for what is shown and what goes out. */
export function createStepUp<Person>(ports: Ports<Person>) {
  return { defineAction: createDefineAction(ports), ...createPageGate(ports), ...createDownloadGate(ports) };
}
