import { describe, expect, it } from "vitest";
import { EnvironmentError, readEnvironment } from "./env";

const key = Buffer.alloc(32, 7).toString("base64");
const secrets = {
  NEXTAUTH_SECRET: "s".repeat(32),
  KEYTURN_ENCRYPTION_KEYS: `2:${key},1:${Buffer.alloc(32, 8).toString("base64")}`,
  KEYTURN_AUDIT_KEY: key,
};
const postgres = { DATABASE_URL: "postgresql://app:pw@db:5432/keyturn", ...secrets };

const read = (source: Record<string, string>) => readEnvironment(source as NodeJS.ProcessEnv);
function refusal(source: Record<string, string>): string {
  try {
    read(source);
  } catch (error) {
    if (error instanceof EnvironmentError) return error.message;
    throw error;
  }
  return "accepted";
}

describe("with nothing set", () => {
  it("is a demo on the embedded database, reachable from this machine only", () => {
    expect(read({})).toMatchObject({
      port: 3000,
      origin: "http://localhost:3000",
      rpId: "localhost",
      allowedHosts: ["localhost:3000", "127.0.0.1:3000", "[::1]:3000"],
      allowedOrigins: ["http://localhost:3000"],
      bindAddresses: ["127.0.0.1", "::1"],
      loopback: true,
      secure: false,
      demo: true,
      production: false,
      trustedProxies: [],
    });
    expect(read({})).not.toHaveProperty("databaseUrl");
    expect(read({}).dataDir).toMatch(/[\\/]\.data$/);
  });

  it("takes an empty variable for one that is not set", () => {
    expect(read({ PORT: "", DATABASE_URL: " ", KEYTURN_DEMO: "" })).toEqual(read({}));
  });
});

describe("the public origin", () => {
  it("accepts no other host than its own when it is public", () => {
    expect(read({ KEYTURN_URL: "https://crm.example.com", KEYTURN_DEMO: "0" })).toMatchObject({
      allowedHosts: ["crm.example.com"],
      allowedOrigins: ["https://crm.example.com"],
      bindAddresses: ["0.0.0.0", "::"],
      rpId: "crm.example.com",
      secure: true,
      loopback: false,
    });
  });

  it.each([
    "http://crm.example.com",
    "http://192.168.1.4:3000",
    "http://localhost.example.com",
    "https://crm.example.com/app",
    "https://user:pw@crm.example.com",
    "ftp://localhost",
    "localhost:3000",
    "nonsense",
  ])("refuses %s", (url) => {
    expect(refusal({ KEYTURN_URL: url })).toMatch(/^KEYTURN_URL must be https/);
  });

  it("must be given with DATABASE_URL in production, and only there", () => {
    expect(refusal({ ...postgres, NODE_ENV: "production" })).toMatch(/^KEYTURN_URL is missing/);
    expect(refusal(postgres)).toBe("accepted");
    expect(refusal({ NODE_ENV: "production" })).toBe("accepted");
  });
});

describe("demo mode", () => {
  it("is off with DATABASE_URL unless asked for", () => {
    expect(read(postgres).demo).toBe(false);
    expect(read({ ...postgres, KEYTURN_DEMO: "1" }).demo).toBe(true);
    expect(read({ KEYTURN_DEMO: "0" }).demo).toBe(false);
  });

  it("is refused on a public address, asked for or by default", () => {
    expect(refusal({ KEYTURN_URL: "https://crm.example.com", KEYTURN_DEMO: "1" })).toMatch(/KEYTURN_DEMO=0/);
    expect(refusal({ KEYTURN_URL: "https://crm.example.com" })).toMatch(/KEYTURN_DEMO=0/);
  });
});

describe("secrets", () => {
  it("are decoded, the first key of the ring being the current one", () => {
    expect(read(postgres).secrets?.encryptionKeys.map((entry) => entry.id)).toEqual(["2", "1"]);
    expect(read(postgres).secrets?.auditKey).toEqual(Buffer.alloc(32, 7));
  });

  it("are required with DATABASE_URL, and the sentence names the missing ones and how to make them", () => {
    const { NEXTAUTH_SECRET, ...rest } = postgres;
    expect(NEXTAUTH_SECRET).toBeDefined();
    expect(refusal(rest)).toMatch(/^NEXTAUTH_SECRET is missing .*openssl rand -base64 32/);
    expect(refusal({ DATABASE_URL: postgres.DATABASE_URL })).toMatch(
      /^NEXTAUTH_SECRET and KEYTURN_ENCRYPTION_KEYS and KEYTURN_AUDIT_KEY are missing/,
    );
  });

  it("belong together without DATABASE_URL", () => {
    expect(refusal({ NEXTAUTH_SECRET: secrets.NEXTAUTH_SECRET })).toMatch(/KEYTURN_AUDIT_KEY are missing/);
    expect(read(secrets).secrets).toBeDefined();
  });

  it.each([
    ["NEXTAUTH_SECRET", "short"],
    ["KEYTURN_AUDIT_KEY", "c2hvcnQ="],
    ["KEYTURN_AUDIT_KEY", `${key.slice(0, 20)}!${key.slice(20)}`],
    ["KEYTURN_ENCRYPTION_KEYS", key],
    ["KEYTURN_ENCRYPTION_KEYS", "1:c2hvcnQ="],
    ["KEYTURN_ENCRYPTION_KEYS", `1:${key},1:${key}`],
    ["KEYTURN_ENCRYPTION_KEYS", `1:${key},`],
  ])("refuses a bad %s without repeating it", (name, value) => {
    const sentence = refusal({ ...postgres, [name]: value });
    expect(sentence).toMatch(new RegExp(`^${name} must`));
    expect(sentence).not.toContain(value);
  });
});

describe("every other variable", () => {
  it.each([
    ["PORT", "0"],
    ["PORT", "70000"],
    ["PORT", "80a"],
    ["DATABASE_URL", "mysql://db/keyturn"],
    ["KEYTURN_MIGRATION_URL", "db"],
    ["KEYTURN_TRUSTED_PROXIES", "proxy.internal"],
    ["KEYTURN_TRUSTED_PROXIES", "10.0.0.0/33"],
    ["KEYTURN_DEMO", "yes"],
    ["SMTP_URL", "http://mail"],
    ["KEYTURN_MAIL_FROM", "a@example.com\r\nBcc: b@example.com"],
    ["TWILIO_SENDER", "015005550006000"],
    ["TWILIO_SENDER", "+0150055500"],
    ["TWILIO_SENDER", "A name that is too long"],
    ["TWILIO_SENDER", "MG-12"],
    ["KEYTURN_TEXTS_PER_HOUR", "0"],
    ["KEYTURN_TEXTS_PER_HOUR", "many"],
    ["TWILIO_BASE_URL", "http://sms.example.com"],
    ["TWILIO_BASE_URL", "http://localhost.example.com"],
    ["TWILIO_BASE_URL", "https://account:token@sms.example.com"],
    ["TWILIO_BASE_URL", "https://sms.example.com/?to=x"],
  ])("refuses %s=%s in one sentence that names it", (name, value) => {
    const sentence = refusal({ [name]: value });
    expect(sentence.startsWith(name)).toBe(true);
    expect(sentence).toMatch(/\.$/);
    expect(sentence).not.toContain("\n");
  });

  it("wants a sender with SMTP_URL and the whole of an SMS account", () => {
    expect(refusal({ SMTP_URL: "smtps://mail.example.com" })).toMatch(/^KEYTURN_MAIL_FROM is missing/);
    expect(refusal({ TWILIO_ACCOUNT_SID: "AC1" })).toMatch(/set all three or none/);
    expect(refusal({ TWILIO_BASE_URL: "https://sms.example.com" })).toMatch(/set all three or none/);
    expect(
      read({ SMTP_URL: "smtp://mail", KEYTURN_MAIL_FROM: "Keyturn <keyturn@example.com>" }).mailFrom,
    ).toBe("Keyturn <keyturn@example.com>");
  });

  it("takes another gateway of the same kind, by TLS or on this host", () => {
    const account = { TWILIO_ACCOUNT_SID: "own-1", TWILIO_AUTH_TOKEN: "t", TWILIO_SENDER: "+15005550006" };
    const twilios = { ...account, TWILIO_ACCOUNT_SID: `AC${"0a".repeat(16)}` };
    expect(read(twilios).twilio?.baseUrl).toBe("https://api.twilio.com");
    expect(refusal(account)).toMatch(/^TWILIO_ACCOUNT_SID must be AC/);
    for (const sender of ["+4915012345", "12345", "Keyturn CRM", `MG${"0a".repeat(16)}`])
      expect(read({ ...twilios, TWILIO_SENDER: sender }).twilio?.sender).toBe(sender);
    for (const baseUrl of ["https://sms.example.com/api", "http://127.0.0.1:8080", "http://localhost:8080"])
      expect(read({ ...account, TWILIO_BASE_URL: baseUrl }).twilio?.baseUrl).toBe(baseUrl);
  });

  it("reads lists of proxies and the owner role's address", () => {
    expect(read({ KEYTURN_TRUSTED_PROXIES: "10.0.0.7, 10.1.0.0/16 ::1" }).trustedProxies).toEqual([
      "10.0.0.7",
      "10.1.0.0/16",
      "::1",
    ]);
    expect(read(postgres).migrationUrl).toBe(postgres.DATABASE_URL);
    expect(read({ ...postgres, KEYTURN_MIGRATION_URL: "postgres://owner@db/keyturn" }).migrationUrl).toBe(
      "postgres://owner@db/keyturn",
    );
  });
});
