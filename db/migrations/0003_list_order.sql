-- The list sorts by folded names, so folding must be usable in an index: the dictionary is named, and so is the
-- schema, because a restored dump builds indexes with an empty search path.
CREATE OR REPLACE FUNCTION keyturn_fold(value text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
  AS $$ SELECT lower(public.unaccent('public.unaccent', value)) $$;
--> statement-breakpoint
-- One UPDATE a statement instead of one a row: an import or a seed writes thousands of contacts at once.
DROP TRIGGER contacts_search_text ON contacts;
--> statement-breakpoint
DROP FUNCTION keyturn_contact_search();
--> statement-breakpoint
CREATE FUNCTION keyturn_contacts_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE customers SET search_text = '' WHERE id IN (SELECT customer_id FROM changed);
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER contacts_inserted AFTER INSERT ON contacts REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION keyturn_contacts_changed();
--> statement-breakpoint
CREATE TRIGGER contacts_deleted AFTER DELETE ON contacts REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION keyturn_contacts_changed();
--> statement-breakpoint
CREATE TRIGGER contacts_updated_from AFTER UPDATE ON contacts REFERENCING OLD TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION keyturn_contacts_changed();
--> statement-breakpoint
CREATE TRIGGER contacts_updated_to AFTER UPDATE ON contacts REFERENCING NEW TABLE AS changed
  FOR EACH STATEMENT EXECUTE FUNCTION keyturn_contacts_changed();
--> statement-breakpoint
DROP INDEX "customers_team_name";--> statement-breakpoint
DROP INDEX "customers_name";--> statement-breakpoint
CREATE INDEX "customers_city" ON "customers" USING btree (keyturn_fold("city") collate "C","id");--> statement-breakpoint
CREATE INDEX "customers_number" ON "customers" USING btree (lpad("number", 20) collate "C","id");--> statement-breakpoint
CREATE INDEX "customers_team_name" ON "customers" USING btree ("team_id",keyturn_fold("name") collate "C","id");--> statement-breakpoint
CREATE INDEX "customers_name" ON "customers" USING btree (keyturn_fold("name") collate "C","id");