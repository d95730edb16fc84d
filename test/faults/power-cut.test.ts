import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createSqliteStore } from '@invoke/storage/sqlite';
import { describe, expect, test } from 'vitest';
import { copyCut, placesToCut, readLog, REMAINS } from './power-cut/cut-log.js';
import { openLoopDisk, whyNoLoopDisk } from './power-cut/loop-disk.js';
import { startWriter, type Acknowledged } from './power-cut/start-writer.js';
import { findLosses } from './power-cut/survivors.js';

/*
 * Scenario 43, on SQLite: the power goes away at any instant. Every write that was acknowledged is there afterwards, nothing
 * is there by half, and the store opens. `POWER_CUTS=50` cuts more often than a part of `npm test` can.
 */

const ASKED_CUTS = process.env['POWER_CUTS'];
const CUTS = Number(ASKED_CUTS ?? 1);
const LIMIT = { timeout: 60_000 + CUTS * 20_000 };

interface Cut {
  readonly acknowledged: readonly Acknowledged[];
  readonly losses: readonly string[];
}

/** A disk, a writer, and a power cut at some instant; `look` sees the database that is left. */
async function cutPowerOnce(
  environment: Readonly<Record<string, string>>,
  look: (file: string, acknowledged: readonly Acknowledged[]) => Promise<void> = async () => {},
): Promise<Cut> {
  await using disk = await openLoopDisk();
  await using writer = await startWriter(join(disk.path, 'invoke.db'), environment);
  await writer.reached(200);
  await sleep(Math.random() * 1_000);
  await writer.freeze();
  const file = join(disk.cutPower(), 'invoke.db');
  const acknowledged = [...writer.acknowledged];
  const losses = findLosses(file, acknowledged);
  await look(file, acknowledged);
  return { acknowledged, losses };
}

/** The store opens the file, as a gateway that starts again does, and knows it all. */
async function expectFound(file: string, acknowledged: readonly Acknowledged[]): Promise<void> {
  const store = await createSqliteStore({ file });
  const ids = [...new Set(acknowledged.map(({ id }) => id))];
  const found = await Promise.all(ids.map((id) => store.executions.find('acme', id)));
  await store.close();
  expect(found.map((record) => record?.id)).toEqual(ids);
}

const whyNot = whyNoLoopDisk();

describe.runIf(whyNot === null)('a disk that loses what was not flushed', () => {
  test(`keeps everything that was acknowledged (power cuts: ${CUTS})`, LIMIT, async () => {
    let acknowledged = 0;
    for (let i = 0; i < CUTS; i += 1) {
      const cut = await cutPowerOnce({}, expectFound);
      expect(cut.losses).toEqual([]);
      acknowledged += cut.acknowledged.length;
    }
    if (ASKED_CUTS !== undefined) process.stdout.write(`${acknowledged} acknowledged, 0 lost\n`);
  });

  test.each(ASKED_CUTS === undefined ? ['NORMAL'] : ['NORMAL', 'OFF'])(
    'loses some with synchronous = %s: the test can fail',
    LIMIT,
    async (weaker) => {
      let lost = 0;
      for (let i = 0; i < 5 && lost === 0; i += 1) {
        const { losses } = await cutPowerOnce({ SYNCHRONOUS: weaker });
        lost = losses.filter((loss) => loss.startsWith('lost: ')).length;
      }
      expect(lost).toBeGreaterThan(0);
      if (ASKED_CUTS !== undefined) process.stdout.write(`${weaker}: ${lost} lost\n`);
    },
  );
});

test('where such a disk cannot be had, the reason is told', () => {
  if (whyNot !== null) process.stderr.write(`power cuts by a loop device were not tried: ${whyNot}\n`);
  expect(whyNot).not.toBe('');
});

/** Below the size at which the store moves the log into the database, so that the log is all there is. */
const MOST_LOG_BYTES = 6_000_000;
const PLACES = Math.max(30, 2 * CUTS);

interface Wreck {
  readonly cuts: number;
  readonly wrong: readonly string[];
}

/** Kills a writer, and cuts its log at places from end to end. What was acknowledged before that length has to be there. */
async function cutLog(environment: Readonly<Record<string, string>>): Promise<Wreck> {
  const folder = mkdtempSync(join(tmpdir(), 'invoke-cut-log-'));
  try {
    const file = join(folder, 'invoke.db');
    const writer = await startWriter(file, environment);
    await writer.reached(150 + Math.floor(Math.random() * 300));
    await writer[Symbol.asyncDispose]();
    const log = readLog(file);
    expect(log.length).toBeLessThan(MOST_LOG_BYTES);
    const created = writer.acknowledged[0]?.walBytes ?? 0;
    const places = placesToCut(log).filter((place) => place >= created);
    const wrong: string[] = [];
    for (let i = 0; i < PLACES; i += 1) {
      const bytes = places[Math.floor((i + Math.random()) * (places.length / PLACES))] as number;
      const remains = REMAINS[i % REMAINS.length] as (typeof REMAINS)[number];
      const copy = join(folder, `cut-${i}.db`);
      copyCut(file, copy, { log, bytes, remains });
      const losses = findLosses(
        copy,
        writer.acknowledged.filter((ack) => ack.walBytes <= bytes),
      );
      wrong.push(...losses.map((loss) => `${loss}, at ${bytes} of ${log.length} with ${remains} behind`));
      rmSync(copy);
    }
    return { cuts: PLACES, wrong };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

describe('a log that ends anywhere', () => {
  test('keeps everything that was acknowledged before, and nothing by half', LIMIT, async () => {
    for (let i = 0; i < CUTS; i += 1) {
      const { wrong } = await cutLog({});
      expect(wrong).toEqual([]);
    }
  });

  test('does not keep what is acknowledged before it is committed: the test can fail', LIMIT, async () => {
    const { wrong } = await cutLog({ TOO_EARLY: '1' });
    expect(wrong.filter((line) => line.startsWith('lost: ')).length).toBeGreaterThan(0);
  });
});
