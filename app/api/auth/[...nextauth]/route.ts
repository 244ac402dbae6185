import { type NextRequest, NextResponse } from "next/server";
import NextAuth from "next-auth";
import { environment } from "@/lib/platform/env";
import { authOptions } from "@/lib/session/auth-options";
import { presentedCookie } from "@/lib/session/current-session";
import { deviceOf, deviceSeconds } from "@/lib/session/device";
import { cookieAttributes, cookieNames } from "@/lib/session/session-cookie";

type Context = { params: Promise<{ nextauth: string[] }> };

/*
 * Two of next-auth's routes and no more. Its session endpoint would send a stale token again after a rotation
 * (nextauthjs/next-auth#8897) and hand client data to the jwt callback.
 */
const routed = new Set(["GET csrf", "POST callback/credentials"]);

async function handle(request: NextRequest, context: Context): Promise<Response> {
  const { nextauth } = await context.params;
  if (!routed.has(`${request.method} ${nextauth.join("/")}`)) return NextResponse.json({}, { status: 404 });
  const env = environment();
  const name = cookieNames(env).device;
  const known = request.cookies.get(name)?.value;
  const device = deviceOf(known);
  const options = authOptions({
    deviceHash: device.hash,
    userAgent: request.headers.get("user-agent") ?? "",
    address: request.headers.get("x-keyturn-address") ?? "unknown",
    presented: await presentedCookie(),
  });
  const answer: Response = await NextAuth(request, context, options);
  const response = new NextResponse(answer.body, answer);
  response.headers.set("Cache-Control", "no-store");
  // The device cookie outlives sign-out: it tells which browser was here before. With the password it opens a session
  // without a second factor where its person chose that, so that choosing replaces it (lib/security/finish-sign-in.ts).
  if (device.value !== known)
    response.cookies.set(name, device.value, { ...cookieAttributes(env), maxAge: deviceSeconds });
  return response;
}

export { handle as GET, handle as POST };
