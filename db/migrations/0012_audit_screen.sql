CREATE TABLE "downloads" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"token_hash" text NOT NULL,
	"user_id" uuid NOT NULL,
	"session_id" uuid NOT NULL,
	"lock_epoch" integer NOT NULL,
	"action" text NOT NULL,
	"content" jsonb NOT NULL,
	"factor" text,
	"authenticator_id" uuid,
	"expires_at" timestamp with time zone NOT NULL,
	"claimed_at" timestamp with time zone
);
--> statement-breakpoint
-- What the log's search reads of a row: all that lies open in it. Rows about customers tell how it was done and why it was
-- refused, and nothing of the customer; keys and signatures are no words.
-- Its cost keeps the planner from making the text of a million rows where the index has it; plpgsql, or it would be inlined and
-- the cost forgotten.
CREATE FUNCTION keyturn_audit_text(action text, record_type text, record_id text, address text, detail jsonb) RETURNS text
  LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE COST 1000 AS $$
BEGIN
  RETURN public.keyturn_fold(action || ' ' || coalesce(record_type, '') || ' ' || coalesce(record_id, '') || ' ' || coalesce(address, '') || ' ' ||
    CASE WHEN record_type IN ('customer', 'contract')
      THEN coalesce(detail->>'reason', '') || ' ' || coalesce(detail->>'by', '') || ' ' || coalesce(detail->>'step', '') || ' ' || coalesce(detail->>'reference', '')
      ELSE (detail - '{assertion,credential}'::text[])::text END);
END $$;
--> statement-breakpoint
DROP INDEX "audit_record";--> statement-breakpoint
CREATE UNIQUE INDEX "downloads_token" ON "downloads" USING btree ("token_hash");--> statement-breakpoint
CREATE INDEX "audit_at" ON "audit_events" USING btree ("at","seq");--> statement-breakpoint
CREATE INDEX "audit_action" ON "audit_events" USING btree ("action","at","seq");--> statement-breakpoint
CREATE INDEX "audit_not_allowed" ON "audit_events" USING btree ("outcome","at","seq") WHERE "audit_events"."outcome" <> 'allowed';--> statement-breakpoint
CREATE INDEX "audit_text" ON "audit_events" USING gin (keyturn_audit_text("action", "record_type", "record_id", "address", "detail") gin_trgm_ops);--> statement-breakpoint
CREATE INDEX "audit_record" ON "audit_events" USING btree ("record_id","record_type","seq");