CREATE TABLE "deadline_reminders" (
	"person_id" uuid NOT NULL,
	"deadline" timestamp with time zone NOT NULL,
	"days_before" integer NOT NULL,
	CONSTRAINT "deadline_reminders_person_id_deadline_days_before_pk" PRIMARY KEY("person_id","deadline","days_before")
);
--> statement-breakpoint
ALTER TABLE "sessions" ADD COLUMN "predecessor_awaits" jsonb;--> statement-breakpoint
ALTER TABLE "deadline_reminders" ADD CONSTRAINT "deadline_reminders_person_id_people_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "trusted_devices_one" ON "trusted_devices" USING btree ("person_id","device_hash") WHERE "trusted_devices"."revoked_at" is null;