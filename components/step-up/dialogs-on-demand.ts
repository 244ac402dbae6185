"use client";

import { lazy } from "react";

/*
 * Most pages are read and left without a dialog, so their first load carries none. A call begins to fetch the prompt
 * as it sets out: it is there before the answer is.
 */
const modules = {
  prove: () => import("./prompt-dialog").then(({ PromptDialog }) => ({ default: PromptDialog })),
  enrol: () => import("./enrolment-dialog").then(({ EnrolmentDialog }) => ({ default: EnrolmentDialog })),
  "sign-in": () => import("./sign-in-dialog").then(({ SignInDialog }) => ({ default: SignInDialog })),
};

export const PromptDialog = lazy(modules.prove);
export const EnrolmentDialog = lazy(modules.enrol);
export const SignInDialog = lazy(modules["sign-in"]);

/** Fetches the dialog of a demand; false where the server cannot be reached. */
export function fetchDialog(kind: keyof typeof modules): Promise<boolean> {
  return modules[kind]().then(
    () => true,
    () => false,
  );
}
