CREATE TABLE "audit_heads" (
	"size" bigint PRIMARY KEY NOT NULL,
	"checkpoint" text NOT NULL,
	"sealed_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "audit_leaves" (
	"index" bigint PRIMARY KEY NOT NULL,
	"seq" bigint NOT NULL,
	CONSTRAINT "audit_leaves_seq_unique" UNIQUE("seq")
);
--> statement-breakpoint
CREATE TABLE "audit_nodes" (
	"level" smallint NOT NULL,
	"index" bigint NOT NULL,
	"hash" "bytea" NOT NULL,
	CONSTRAINT "audit_nodes_level_index_pk" PRIMARY KEY("level","index")
);
--> statement-breakpoint
CREATE TABLE "audit_queue" (
	"seq" bigint PRIMARY KEY NOT NULL
);
--> statement-breakpoint
CREATE TABLE "audit_subject_keys" (
	"id" uuid PRIMARY KEY NOT NULL,
	"subject_type" text NOT NULL,
	"subject_id" text NOT NULL,
	"sealed_key" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"erased_at" timestamp with time zone,
	"retired_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "audit_witnessed" (
	"day" date PRIMARY KEY NOT NULL
);
--> statement-breakpoint
ALTER TABLE "audit_events" ADD COLUMN "sealed" text;--> statement-breakpoint
ALTER TABLE "evidence" ADD COLUMN "signed" jsonb;--> statement-breakpoint
CREATE UNIQUE INDEX "audit_subject_keys_living" ON "audit_subject_keys" USING btree ("subject_type","subject_id") WHERE "audit_subject_keys"."sealed_key" is not null and "audit_subject_keys"."retired_at" is null;--> statement-breakpoint
-- A row waits here until it has its leaf, whoever wrote it; what is there already waits as well.
INSERT INTO audit_queue (seq) SELECT seq FROM audit_events;
--> statement-breakpoint
CREATE FUNCTION keyturn_audit_enqueue() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO audit_queue (seq) VALUES (NEW.seq);
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER audit_enqueue AFTER INSERT ON audit_events FOR EACH ROW EXECUTE FUNCTION keyturn_audit_enqueue();
--> statement-breakpoint
-- A folded repeat may raise "repeats" (and write its mac anew) as long as the row has no leaf; nothing else changes.
CREATE OR REPLACE FUNCTION keyturn_audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND TG_TABLE_NAME = 'audit_events' THEN
    IF NEW.repeats = OLD.repeats + 1
       AND (to_jsonb(NEW) - 'repeats' - 'mac') = (to_jsonb(OLD) - 'repeats' - 'mac')
       AND NOT EXISTS (SELECT 1 FROM audit_leaves l WHERE l.seq = OLD.seq) THEN
      RETURN NEW;
    END IF;
  END IF;
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME;
END $$;
--> statement-breakpoint
CREATE TRIGGER audit_not_emptied BEFORE TRUNCATE ON audit_events
  FOR EACH STATEMENT EXECUTE FUNCTION keyturn_audit_append_only();
--> statement-breakpoint
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit_leaves
  FOR EACH ROW EXECUTE FUNCTION keyturn_audit_append_only();
--> statement-breakpoint
CREATE TRIGGER audit_not_emptied BEFORE TRUNCATE ON audit_leaves
  FOR EACH STATEMENT EXECUTE FUNCTION keyturn_audit_append_only();
--> statement-breakpoint
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit_nodes
  FOR EACH ROW EXECUTE FUNCTION keyturn_audit_append_only();
--> statement-breakpoint
CREATE TRIGGER audit_not_emptied BEFORE TRUNCATE ON audit_nodes
  FOR EACH STATEMENT EXECUTE FUNCTION keyturn_audit_append_only();
--> statement-breakpoint
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit_heads
  FOR EACH ROW EXECUTE FUNCTION keyturn_audit_append_only();
--> statement-breakpoint
CREATE TRIGGER audit_not_emptied BEFORE TRUNCATE ON audit_heads
  FOR EACH STATEMENT EXECUTE FUNCTION keyturn_audit_append_only();
