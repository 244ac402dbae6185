import "./globals.css";
// Every action that may set the session cookie belongs into every page's worker: Next forwards a call of an action
// that the current page doesn't import, and then drops Set-Cookie (e2e/attacks/manifest.spec.ts holds this).
import "@/app/actions/approvals";
import "@/app/actions/audit";
import "@/app/actions/contracts";
import "@/app/actions/customers";
import "@/app/actions/invitation";
import "@/app/actions/links";
import "@/app/actions/not-me";
import "@/app/actions/people";
import "@/app/actions/policy";
import "@/app/actions/reset";
import "@/app/actions/security";
import "@/app/actions/session";
import "@/app/actions/set-up";
import type { Metadata, Viewport } from "next";
import { connection } from "next/server";
import type { ReactNode } from "react";
import { fontVariables } from "@/components/ui/fonts";
import { ToastProvider } from "@/components/ui/toast";

export const metadata: Metadata = {
  title: { default: "Keyturn", template: "%s · Keyturn" },
  description: "Customer records, with a second factor at the moment of sensitive work.",
};

export const viewport: Viewport = {
  width: "device-width",
  initialScale: 1,
  // Bottom sheets reach below the home bar and stay above the on-screen keyboard.
  viewportFit: "cover",
  interactiveWidget: "resizes-content",
  themeColor: [
    { media: "(prefers-color-scheme: light)", color: "#ffffff" },
    { media: "(prefers-color-scheme: dark)", color: "#131d1c" },
  ],
};

export default async function RootLayout({ children }: { children: ReactNode }) {
  // A page has its request's nonce, so none is made at build time.
  await connection();
  return (
    <html lang="en" className={fontVariables}>
      <body>
        <ToastProvider>{children}</ToastProvider>
      </body>
    </html>
  );
}
