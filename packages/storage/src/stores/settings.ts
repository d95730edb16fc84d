import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import type { Dialect } from '../dialect/dialect.js';
import { ask, type Script } from '../dialect/script.js';

const SECRET = 'instance_secret';
const PROBE = 'last_write_probe';

/** Made by whoever comes first; everybody reads what is stored. */
export function* instanceSecret({ build, tables }: Dialect): Script<string> {
  yield* ask(
    build
      .insertInto(tables.settings)
      .values({ name: SECRET, value: randomBytes(32).toString('hex') })
      .onConflict((conflict) => conflict.column('name').doNothing()),
  );
  const rows = yield* ask(build.selectFrom(tables.settings).select('value').where('name', '=', SECRET));
  const secret = rows[0]?.value;
  if (secret === undefined) throw new Error('The secret of this instance was not stored.');
  return secret;
}

/** A write for its own sake: it fails as the next call would. */
export function* probeWrite({ build, tables, now }: Dialect): Script<void> {
  const value = sql<string>`cast(${now()} as text)`;
  yield* ask(
    build
      .insertInto(tables.settings)
      .values({ name: PROBE, value })
      .onConflict((conflict) => conflict.column('name').doUpdateSet({ value })),
  );
}
