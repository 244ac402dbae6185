import { readFileSync } from "node:fs";
import { join } from "node:path";
import { benchApp } from "./app";

export type Answer = { status: string; [more: string]: unknown };

const manifest = (folder: string) =>
  JSON.parse(readFileSync(join(folder, ".next/server/server-reference-manifest.json"), "utf8")) as {
    node: Record<string, { exportedName: string }>;
  };

/** What a browser sends, without a browser: pages, actions by their ids, and the cookies that come back. */
export class Browser {
  private readonly cookies = new Map<string, string>();
  private readonly ids: Map<string, string>;

  /** `folder`: where the app that answers at `url` was built. */
  constructor(
    readonly url: string,
    folder = benchApp,
  ) {
    const { node } = manifest(folder);
    this.ids = new Map(Object.entries(node).map(([id, { exportedName }]) => [exportedName, id]));
  }

  async signIn(email: string, password: string): Promise<void> {
    const { csrfToken } = (await (await this.fetch("/api/auth/csrf")).json()) as { csrfToken: string };
    const body = new URLSearchParams({ email, password, csrfToken, json: "true", callbackUrl: "/customers" });
    const response = await this.fetch("/api/auth/callback/credentials", { method: "POST", body });
    await response.text();
    if (!response.ok) throw new Error(`signing in answered ${response.status}`);
  }

  /** Loads a page whole. */
  async open(path: string): Promise<void> {
    const response = await this.fetch(path, { redirect: "manual" });
    await response.text();
    if (response.status !== 200) throw new Error(`${path} answered ${response.status}`);
  }

  /** Calls an action as the page at `path` would, and reads its result out of React's answer. */
  async act(path: string, action: string, argument?: unknown): Promise<Answer> {
    const { status, text } = await this.post(path, action, argument);
    const result = resultIn(text);
    if (result === undefined) throw new Error(`${action} answered ${status} ${text.slice(0, 200)}`);
    return result ?? { status: "null" };
  }

  /** The same call, and its answer as it came. */
  async post(path: string, action: string, argument?: unknown, signal: AbortSignal | null = null) {
    const response = await this.fetch(path, {
      method: "POST",
      headers: {
        "Next-Action": this.ids.get(action) ?? "",
        "Content-Type": "text/plain;charset=UTF-8",
        Accept: "text/x-component",
        Origin: this.url,
      },
      body: JSON.stringify(argument === undefined ? [] : [argument]),
      signal,
    });
    return { status: response.status, text: await response.text() };
  }

  /** Loads a page, whatever it answers. */
  async get(path: string, signal: AbortSignal | null = null) {
    const response = await this.fetch(path, { redirect: "manual", signal });
    return { status: response.status, text: await response.text() };
  }

  private async fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const headers = { ...(init.headers as Record<string, string>), Cookie: cookie, Origin: this.url };
    const response = await fetch(this.url + path, { ...init, headers });
    for (const line of response.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      this.cookies.set(name, value);
    }
    return response;
  }
}

/** An action's result out of React's answer; undefined where there is none. */
export function resultIn(text: string): Answer | null | undefined {
  const result = /^1:(.*)$/m.exec(text)?.[1];
  return result === undefined ? undefined : JSON.parse(result);
}
