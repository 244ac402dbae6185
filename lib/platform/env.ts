import { resolve } from "node:path";
import { z } from "zod";
import { origin, originFacts, parseUrl, proxyList } from "./env-network";
import { smsOf, smsVariables, type Twilio } from "./env-sms";
import { parseSecrets, type Secrets } from "./secret-format";

/** What the process was told, checked. */
export type Environment = {
  port: number;
  url: URL;
  origin: string;
  /** WebAuthn RP ID. */
  rpId: string;
  /** Values accepted in the Host header; the first is the canonical one. */
  allowedHosts: string[];
  allowedOrigins: string[];
  loopback: boolean;
  /** https, so that cookies are Secure and `__Host-`. */
  secure: boolean;
  bindAddresses: string[];
  trustedProxies: string[];
  databaseUrl?: string;
  migrationUrl?: string;
  dataDir: string;
  demo: boolean;
  /** Absent: they lie in the data folder (see secrets.ts). */
  secrets?: Secrets;
  smtpUrl?: string;
  mailFrom?: string;
  twilio?: Twilio;
  /** Text messages with codes in an hour, of the whole installation. */
  mostTextsAnHour: number;
  auditWitness?: string;
  production: boolean;
};

/** Its message is one sentence for the person who starts the server: what is wrong and what to do. */
export class EnvironmentError extends Error {
  override name = "EnvironmentError";
}

declare global {
  var keyturnEnvironment: Environment | undefined;
}

/** The environment of this process, read once: Next bundles this module several times, so it is kept globally. */
export function environment(): Environment {
  globalThis.keyturnEnvironment ??= readEnvironment();
  return globalThis.keyturnEnvironment;
}

/** Validates every variable. Touches no file, so that it can be called anywhere; throws `EnvironmentError`. */
export function readEnvironment(source: NodeJS.ProcessEnv = process.env): Environment {
  const read = variables.safeParse(withoutEmpty(source));
  if (!read.success)
    throw new EnvironmentError(read.error.issues[0]?.message ?? "The environment cannot be read.");
  const given = read.data;
  const production = given.NODE_ENV === "production";
  if (production && given.DATABASE_URL && !given.KEYTURN_URL) {
    fail(
      "KEYTURN_URL is missing; with DATABASE_URL set, give the address people open, such as https://crm.example.com.",
    );
  }
  const url = given.KEYTURN_URL ?? new URL(`http://localhost:${given.PORT}`);
  const facts = originFacts(url);
  const demo = given.KEYTURN_DEMO ? given.KEYTURN_DEMO === "1" : !given.DATABASE_URL;
  if (demo && !facts.loopback) {
    fail(
      "Demo mode needs a loopback KEYTURN_URL such as http://localhost:3000; set KEYTURN_DEMO=0 to serve a public address.",
    );
  }
  return {
    port: given.PORT,
    url,
    ...facts,
    trustedProxies: given.KEYTURN_TRUSTED_PROXIES,
    ...(given.DATABASE_URL ? databases(given.DATABASE_URL, given.KEYTURN_MIGRATION_URL) : {}),
    dataDir: resolve(given.KEYTURN_DATA_DIR),
    demo,
    ...secretsOf(given),
    ...mailOf(given),
    ...smsOf(given, fail),
    ...(given.KEYTURN_AUDIT_WITNESS ? { auditWitness: given.KEYTURN_AUDIT_WITNESS } : {}),
    production,
  };
}

const text = z.string().optional();
const postgres = (name: string) =>
  z
    .string()
    .refine((value) => /^postgres(ql)?:$/.test(parseUrl(value)?.protocol ?? ""), {
      error: `${name} must look like postgresql://user:password@host:5432/database; correct or remove it.`,
    })
    .optional();

const variables = z.object({
  NODE_ENV: text,
  PORT: z
    .string()
    .regex(/^\d{1,5}$/)
    .transform(Number)
    .refine((port) => port >= 1 && port <= 65_535)
    .default(3000)
    .catch(() => fail("PORT must be a number from 1 to 65535; correct or remove it.")),
  KEYTURN_URL: origin.optional(),
  KEYTURN_TRUSTED_PROXIES: proxyList,
  DATABASE_URL: postgres("DATABASE_URL"),
  KEYTURN_MIGRATION_URL: postgres("KEYTURN_MIGRATION_URL"),
  KEYTURN_DATA_DIR: z.string().default(".data"),
  KEYTURN_DEMO: z
    .enum(["0", "1"], { error: "KEYTURN_DEMO must be 0 or 1; correct or remove it." })
    .optional(),
  NEXTAUTH_SECRET: text,
  KEYTURN_ENCRYPTION_KEYS: text,
  KEYTURN_AUDIT_KEY: text,
  SMTP_URL: z
    .string()
    .refine((value) => /^smtps?:$/.test(parseUrl(value)?.protocol ?? ""), {
      error: "SMTP_URL must look like smtps://user:password@mail.example.com; correct or remove it.",
    })
    .optional(),
  // No line ends: the value goes into a mail header.
  KEYTURN_MAIL_FROM: z
    .string()
    .regex(/^[^\r\n<>]*<[^\s<>@]+@[^\s<>@]+>$|^[^\s<>@]+@[^\s<>@]+$/, {
      error: "KEYTURN_MAIL_FROM must be an address such as Keyturn <keyturn@example.com>; correct it.",
    })
    .optional(),
  ...smsVariables,
  KEYTURN_AUDIT_WITNESS: text,
});

type Given = z.output<typeof variables>;

function databases(databaseUrl: string, migrationUrl: string | undefined) {
  return { databaseUrl, migrationUrl: migrationUrl ?? databaseUrl };
}

function secretsOf(given: Given): { secrets?: Secrets } {
  const names = ["NEXTAUTH_SECRET", "KEYTURN_ENCRYPTION_KEYS", "KEYTURN_AUDIT_KEY"] as const;
  const missing = names.filter((name) => !given[name]);
  if (missing.length === names.length && !given.DATABASE_URL) return {};
  if (missing.length > 0) {
    fail(
      `${missing.join(" and ")} ${missing.length > 1 ? "are" : "is"} missing${given.DATABASE_URL ? " (required with DATABASE_URL)" : ""}; ` +
        `make each with "openssl rand -base64 32"${missing.includes("KEYTURN_ENCRYPTION_KEYS") ? ', and write "1:" before it in KEYTURN_ENCRYPTION_KEYS' : ""}.`,
    );
  }
  const secrets = parseSecrets({
    nextAuth: given.NEXTAUTH_SECRET ?? "",
    encryptionKeys: given.KEYTURN_ENCRYPTION_KEYS ?? "",
    auditKey: given.KEYTURN_AUDIT_KEY ?? "",
  });
  if ("problem" in secrets) return fail(`${secrets.problem}; make one with "openssl rand -base64 32".`);
  return { secrets };
}

function mailOf(given: Given) {
  if (!given.SMTP_URL) return {};
  if (!given.KEYTURN_MAIL_FROM)
    fail("KEYTURN_MAIL_FROM is missing; with SMTP_URL set, give the address that mails come from.");
  return { smtpUrl: given.SMTP_URL, mailFrom: given.KEYTURN_MAIL_FROM };
}

/** `NAME=` in a compose file means "not set". */
function withoutEmpty(source: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(source).filter(([, value]) => value?.trim())) as NodeJS.ProcessEnv;
}

function fail(sentence: string): never {
  throw new EnvironmentError(sentence);
}
