import { createDefineAction } from "./define-action";
import { createPageGate } from "./page-gate";
import type { Ports } from "./ports";

/** Plugs an app's ports into the layer: the pipeline for what changes, the gate for what is shown. */
export function createStepUp<Person>(ports: Ports<Person>) {
  return { defineAction: createDefineAction(ports), ...createPageGate(ports) };
}
