-- The searched text of a customer: name, number, city and contacts, without case and accents.
CREATE FUNCTION keyturn_fold(value text) RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
  AS $$ SELECT lower(unaccent(value)) $$;
--> statement-breakpoint
CREATE FUNCTION keyturn_customer_search() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.search_text := keyturn_fold(concat_ws(' ', NEW.name, NEW.number, NEW.city,
    (SELECT string_agg(c.name || ' ' || c.email, ' ' ORDER BY c.is_primary DESC, c.id) FROM contacts c WHERE c.customer_id = NEW.id)));
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER customers_search_text BEFORE INSERT OR UPDATE OF name, number, city, search_text ON customers
  FOR EACH ROW EXECUTE FUNCTION keyturn_customer_search();
--> statement-breakpoint
CREATE FUNCTION keyturn_contact_search() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  UPDATE customers SET search_text = '' WHERE id IN (
    CASE WHEN TG_OP = 'INSERT' THEN NEW.customer_id ELSE OLD.customer_id END,
    CASE WHEN TG_OP = 'DELETE' THEN OLD.customer_id ELSE NEW.customer_id END);
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER contacts_search_text AFTER INSERT OR UPDATE OR DELETE ON contacts
  FOR EACH ROW EXECUTE FUNCTION keyturn_contact_search();
--> statement-breakpoint
-- Audit rows are only ever added; folding a repeated refusal may raise "repeats" (and re-seal its mac).
CREATE FUNCTION keyturn_audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND NEW.repeats = OLD.repeats + 1
     AND (to_jsonb(NEW) - 'repeats' - 'mac') = (to_jsonb(OLD) - 'repeats' - 'mac') THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'audit_events is append-only';
END $$;
--> statement-breakpoint
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit_events
  FOR EACH ROW EXECUTE FUNCTION keyturn_audit_append_only();
