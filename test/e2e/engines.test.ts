import { startPostgres, type TestPostgres } from '@invoke/testkit/stores';
import { afterAll, beforeAll, describe } from 'vitest';
import { describeApprovalGates } from './suites/approval-gates.suite.js';
import { describeConditionalContracts } from './suites/conditional-contracts.suite.js';
import { describeDomainPolicy } from './suites/domain-policy.suite.js';
import { describeEntityResolution } from './suites/entity-resolution.suite.js';
import { describeFailurePolicy } from './suites/failure-policy.suite.js';
import { describeMainJob } from './suites/main-job.suite.js';
import { describeOutcomeReconciliation } from './suites/outcome-reconciliation.suite.js';
import { describeStateRevalidation } from './suites/state-revalidation.suite.js';
import { openBusiness, type Business } from './support/business.js';
import { openHttpDoor } from './support/http-door.js';
import { openPlace, registerTools, type Place } from './support/place.js';
import { openSdkDoor } from './support/sdk-door.js';
import { createWorld } from './support/world.js';

/** The examples of the description: the same suites over every store, and on every way in. */
let business: Business;
let postgres: TestPostgres;

beforeAll(async () => {
  [business, postgres] = await Promise.all([openBusiness(), startPostgres()]);
});

afterAll(async () => {
  await business[Symbol.asyncDispose]();
  await postgres[Symbol.asyncDispose]();
});

describe.for([{ store: 'SQLite' }, { store: 'Postgres' }])('$store', ({ store }) => {
  let place: Place;

  beforeAll(async () => {
    place = await openPlace(store === 'SQLite' ? null : await postgres.createDatabase(), business);
    await registerTools(place.url, business);
  });

  afterAll(() => place[Symbol.asyncDispose]());

  describe.for([
    { way: 'HTTP', open: openHttpDoor },
    { way: 'SDK', open: openSdkDoor },
  ])('$way', { concurrent: true }, ({ open }) => {
    const enter = () => createWorld(place.url, business, open);
    describeMainJob(enter);
    describeStateRevalidation(enter);
    describeEntityResolution(enter);
    describeFailurePolicy(enter);
    describeOutcomeReconciliation(enter);
    describeApprovalGates(enter);
    describeDomainPolicy(enter);
    describeConditionalContracts(enter);
  });
});
