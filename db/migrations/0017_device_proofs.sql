ALTER TABLE "device_factors" ADD COLUMN "id" uuid DEFAULT gen_random_uuid() NOT NULL;--> statement-breakpoint
ALTER TABLE "device_factors" ADD COLUMN "proved_at" timestamp with time zone;--> statement-breakpoint
CREATE INDEX "device_factors_user" ON "device_factors" USING btree ("user_id");