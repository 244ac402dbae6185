import { z } from "zod";
import { line } from "@/lib/platform/line";

/** An address as it is stored: the sign-in name, in lower case. */
export const emailAddress = line("The email address", 254)
  .toLowerCase()
  .regex(z.regexes.email, "Enter an email address like name@company.example.");
