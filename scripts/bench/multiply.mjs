import pg from "pg";

/*
 * A database of 10,000 seeded customers becomes one of a hundred thousand or a million in a minute: copies in SQL,
 * indexes last. Each copy has a number and a word in its name that no other has, so that a search for one of them
 * finds one; a search for a city or for "gmbh" finds ten or a hundred times as many, as it would in a larger company.
 */
const seeded = 10_000;

/** @param {string} url of the seeded database @param {number} customers how many there shall be */
export async function multiply(url, customers) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    if (customers > seeded) {
      // Copies of valid rows: no trigger, no foreign key has anything to say about them.
      await client.query("set session_replication_role = replica");
      const indexes = await dropIndexes(client);
      const copies = customers / seeded - 1;
      for (const statement of [copyCustomers, copyContacts, copyContracts])
        await client.query(statement, [copies]);
      await client.query("set maintenance_work_mem = '512MB'");
      for (const index of indexes) await client.query(index);
    }
    await client.query("vacuum (analyze)");
  } finally {
    await client.end();
  }
}

/** Answers the statements that make them again. Those of constraints stay. */
async function dropIndexes(client) {
  const { rows } = await client.query(`
    select indexname as name, indexdef as definition from pg_indexes
    where tablename in ('customers', 'contacts', 'contracts')
      and not exists (select 1 from pg_constraint where conname = indexname)`);
  for (const { name } of rows) await client.query(`drop index ${name}`);
  return rows.map(({ definition }) => definition);
}

const copyOf = (/** @type {string} */ id) => `md5(${id}::text || copy)::uuid`;
const copies = "generate_series(1, $1::int) as copy";

const copyCustomers = `
  with copied as (
    select customers.*, copy, 'C-' || (substr(number, 3)::int + copy * ${seeded}) as new_number,
      name || ' ' || initcap(translate(substr(md5(id::text || copy), 1, 6), '0123456789abcdef', 'bdfgklmnprstvaei')) as new_name
    from customers, ${copies}
  )
  insert into customers (id, number, name, status, team_id, account_manager_id, email, phone, street, city, postal_code,
    country, account_holder, iban, version, search_text, created_at, updated_at)
  select ${copyOf("id")}, new_number, new_name, status, team_id, account_manager_id, email, phone, street, city,
    postal_code, country, account_holder, iban, version,
    replace(search_text, keyturn_fold(name || ' ' || number), keyturn_fold(new_name || ' ' || new_number)),
    created_at, updated_at - make_interval(mins => copy)
  from copied`;

const copyContacts = `
  insert into contacts (id, customer_id, name, job_title, email, phone, is_primary)
  select ${copyOf("id")}, ${copyOf("customer_id")}, name, job_title, email, phone, is_primary from contacts, ${copies}`;

const copyContracts = `
  insert into contracts (id, customer_id, number, title, status, starts_on, ends_on, version)
  select ${copyOf("id")}, ${copyOf("customer_id")}, number || '-' || copy, title, status, starts_on, ends_on, version
  from contracts, ${copies}`;
