import { createHash, randomBytes } from "node:crypto";
import { type NextRequest, NextResponse } from "next/server";
import NextAuth from "next-auth";
import { environment } from "@/lib/platform/env";
import { authOptions } from "@/lib/session/auth-options";
import { presentedCookie } from "@/lib/session/current-session";
import { cookieAttributes, cookieNames } from "@/lib/session/session-cookie";

type Context = { params: Promise<{ nextauth: string[] }> };

/*
 * Two of next-auth's routes and no more. Its session endpoint would send a stale token again after a rotation
 * (nextauthjs/next-auth#8897) and hand client data to the jwt callback.
 */
const routed = new Set(["GET csrf", "POST callback/credentials"]);
const deviceSeconds = 400 * 24 * 60 * 60;

async function handle(request: NextRequest, context: Context): Promise<Response> {
  const { nextauth } = await context.params;
  if (!routed.has(`${request.method} ${nextauth.join("/")}`)) return NextResponse.json({}, { status: 404 });
  const env = environment();
  const name = cookieNames(env).device;
  const known = request.cookies.get(name)?.value;
  const device = known && /^[\w-]{43}$/.test(known) ? known : randomBytes(32).toString("base64url");
  const options = authOptions({
    deviceHash: createHash("sha256").update(device).digest("hex"),
    userAgent: request.headers.get("user-agent") ?? "",
    address: request.headers.get("x-keyturn-address") ?? "unknown",
    presented: await presentedCookie(),
  });
  const answer: Response = await NextAuth(request, context, options);
  const response = new NextResponse(answer.body, answer);
  response.headers.set("Cache-Control", "no-store");
  // The device cookie outlives sign-out: it tells which browser was here before, and opens nothing.
  if (device !== known)
    response.cookies.set(name, device, { ...cookieAttributes(env), maxAge: deviceSeconds });
  return response;
}

export { handle as GET, handle as POST };
