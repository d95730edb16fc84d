// A CRM in one file, data/crm.json: small, but with the two things that make a tool safe to repeat. Every change and the
// key it was made under are written in one piece, and a key that is known is answered from its note instead of acted on.
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';

export const STATUSES = ['active', 'review', 'suspended', 'closed'] as const;
export type AccountStatus = (typeof STATUSES)[number];

export interface Customer {
  readonly customer_id: string;
  readonly name: string;
  readonly account_status: AccountStatus;
  readonly owner: string;
  readonly note: string;
}

export type CustomerChange = Partial<Pick<Customer, 'account_status' | 'owner' | 'note'>>;

export interface Updated {
  readonly customer: Customer;
  readonly changed: readonly string[];
}

interface Data {
  readonly customers: Record<string, Customer>;
  /** What each idempotency key has done. */
  readonly done: Record<string, Updated>;
}

const FOLDER = new URL('./data/', import.meta.url);
const FILE = new URL('crm.json', FOLDER);

const FIRST: Data = {
  customers: {
    cust_123: { customer_id: 'cust_123', name: 'Acme', account_status: 'active', owner: 'ana', note: '' },
    cust_456: { customer_id: 'cust_456', name: 'Globex', account_status: 'active', owner: 'ben', note: '' },
  },
  done: {},
};

export async function getCustomer(id: string): Promise<Customer | undefined> {
  const { customers } = await load();
  return Object.hasOwn(customers, id) ? customers[id] : undefined;
}

/** Undefined where there is no such customer. One change at a time, in the order of arrival. */
export function updateCustomer(
  id: string,
  change: CustomerChange,
  key: string | undefined,
): Promise<Updated | undefined> {
  const updated = queue.then(() => update(id, change, key));
  queue = updated.catch(() => undefined);
  return updated;
}

let queue: Promise<unknown> = Promise.resolve();

async function update(
  id: string,
  change: CustomerChange,
  key: string | undefined,
): Promise<Updated | undefined> {
  const data = await load();
  if (key !== undefined && Object.hasOwn(data.done, key)) return data.done[key];
  const before = Object.hasOwn(data.customers, id) ? data.customers[id] : undefined;
  if (before === undefined) return undefined;
  const customer: Customer = { ...before, ...change };
  const fields = Object.keys(change) as (keyof CustomerChange)[];
  const updated = { customer, changed: fields.filter((field) => before[field] !== customer[field]) };
  const done = key === undefined ? data.done : { ...data.done, [key]: updated };
  await save({ customers: { ...data.customers, [id]: customer }, done });
  return updated;
}

async function load(): Promise<Data> {
  try {
    return JSON.parse(await readFile(FILE, 'utf8')) as Data;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return FIRST;
    throw error;
  }
}

/** To another file first: whoever reads sees all of the change or nothing. */
async function save(data: Data): Promise<void> {
  await mkdir(FOLDER, { recursive: true });
  const next = new URL('crm.json.next', FOLDER);
  await writeFile(next, JSON.stringify(data, null, 2));
  await rename(next, FILE);
}
