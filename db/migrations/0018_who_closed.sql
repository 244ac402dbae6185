ALTER TABLE "people" ADD COLUMN "closed_by" text;--> statement-breakpoint
UPDATE "people" SET "closed_by" = CASE WHEN "password_locked_at" IS NULL THEN 'administrator' ELSE 'owner' END WHERE "disabled_at" IS NOT NULL;
