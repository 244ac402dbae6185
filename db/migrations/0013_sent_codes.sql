ALTER TABLE "sent_codes" ALTER COLUMN "authenticator_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "outbox" ADD COLUMN "expires_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "authenticators" ADD COLUMN "void_since" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "sent_codes" ADD COLUMN "known_device" boolean NOT NULL;--> statement-breakpoint
ALTER TABLE "enrolments" DROP COLUMN "sent_code_hash";