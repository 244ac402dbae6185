ALTER TABLE "people" ADD COLUMN "administered_until" timestamp with time zone;--> statement-breakpoint
CREATE INDEX "customers_account_manager" ON "customers" USING btree ("account_manager_id");--> statement-breakpoint
CREATE INDEX "help_requests_open" ON "help_requests" USING btree ("created_at") WHERE "help_requests"."resolved_at" is null;--> statement-breakpoint
CREATE INDEX "people_administrators" ON "people" USING btree ("id") WHERE "people"."role" = 'administrator';