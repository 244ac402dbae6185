import type { PresentedCookie } from "./read-session";

declare module "next-auth" {
  interface User {
    cookie?: PresentedCookie;
  }
}
