import { expect, test } from 'vitest';
import { classifyPostgresFailure, type PostgresFailure } from '../src/dialect/classify-postgres-failure.js';

/** What the driver throws for an error that the server reported. */
const fromServer = (code: string) => Object.assign(new Error(code), { code, severity: 'ERROR' });
/** What the driver or the socket throws by itself. */
const fromSocket = (message: string, code?: string) =>
  Object.assign(new Error(message), code === undefined ? {} : { code });

const sheet: readonly { cell: string; input: unknown; expected: PostgresFailure; why: string }[] = [
  {
    cell: 'ECONNRESET',
    input: fromSocket('read ECONNRESET', 'ECONNRESET'),
    expected: 'connection',
    why: 'the answer may have been on its way',
  },
  {
    cell: 'EPIPE',
    input: fromSocket('write EPIPE', 'EPIPE'),
    expected: 'connection',
    why: 'as above; five capitals, but no SQLSTATE',
  },
  {
    cell: 'terminated',
    input: fromSocket('Connection terminated unexpectedly'),
    expected: 'connection',
    why: 'no code at all',
  },
  {
    cell: 'client timeout',
    input: fromSocket('Query read timeout'),
    expected: 'connection',
    why: 'the server may still commit',
  },
  { cell: 'not an error', input: 'boom', expected: 'connection', why: 'nothing is known' },
  { cell: '08006', input: fromServer('08006'), expected: 'connection', why: 'connection_failure' },
  {
    cell: '57P01',
    input: fromServer('57P01'),
    expected: 'connection',
    why: 'admin_shutdown may come after a commit',
  },
  {
    cell: '57P03',
    input: fromServer('57P03'),
    expected: 'connection',
    why: 'cannot_connect_now: starting up',
  },
  {
    cell: '40003',
    input: fromServer('40003'),
    expected: 'connection',
    why: 'statement_completion_unknown: it may have been committed',
  },
  {
    cell: '25006',
    input: fromServer('25006'),
    expected: 'connection',
    why: 'read only: an old primary; another connection leads on',
  },
  { cell: '53300', input: fromServer('53300'), expected: 'connection', why: 'too_many_connections: passes' },
  { cell: '40001', input: fromServer('40001'), expected: 'conflict', why: 'serialization_failure' },
  { cell: '40P01', input: fromServer('40P01'), expected: 'conflict', why: 'deadlock_detected' },
  { cell: '22P05', input: fromServer('22P05'), expected: 'statement', why: 'a NUL character in one item' },
  { cell: '22P02', input: fromServer('22P02'), expected: 'statement', why: 'a text where a number belongs' },
  { cell: '23502', input: fromServer('23502'), expected: 'statement', why: 'not_null_violation of one item' },
  { cell: '54000', input: fromServer('54000'), expected: 'statement', why: 'one item is too large' },
  {
    cell: '55P03',
    input: fromServer('55P03'),
    expected: 'locked',
    why: 'a row, or a table while it is migrated',
  },
  { cell: '53100', input: fromServer('53100'), expected: 'server', why: 'disk_full meets everybody' },
  {
    cell: '57014',
    input: fromServer('57014'),
    expected: 'server',
    why: 'statement_timeout: the server is too slow',
  },
  { cell: '28P01', input: fromServer('28P01'), expected: 'server', why: 'wrong password: no use in waiting' },
  { cell: '3D000', input: fromServer('3D000'), expected: 'server', why: 'there is no such database' },
];

test.for(sheet)('$cell: $expected, because $why', ({ input, expected }) => {
  expect(classifyPostgresFailure(input)).toBe(expected);
});
