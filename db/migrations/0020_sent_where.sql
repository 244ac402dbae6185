ALTER TABLE "sent_codes" ADD COLUMN "destination_hash" text;--> statement-breakpoint
CREATE INDEX "sent_codes_destination" ON "sent_codes" USING btree ("destination_hash","created_at");