-- A bulk writer may put the contacts first (SET CONSTRAINTS … DEFERRED): each customer's search text is then
-- written once, complete, instead of once without its contacts and once more for them.
ALTER TABLE contacts ALTER CONSTRAINT contacts_customer_id_customers_id_fk DEFERRABLE INITIALLY IMMEDIATE;
