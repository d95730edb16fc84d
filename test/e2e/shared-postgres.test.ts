import { startPostgres, type TestPostgres } from '@invoke/testkit/stores';
import { afterAll, beforeAll } from 'vitest';
import { describeSharedPostgres } from './suites/shared-postgres.suite.js';
import { openBusiness, type Business } from './support/business.js';
import { openHttpDoor } from './support/http-door.js';
import { openPlace, registerTools, type Place } from './support/place.js';
import { openSdkDoor } from './support/sdk-door.js';
import { createWorld } from './support/world.js';

/** Two gateways over one Postgres: what one has accepted, the other one decides, and both know. */
let business: Business;
let postgres: TestPostgres;
let here: Place;
let there: Place;

beforeAll(async () => {
  [business, postgres] = await Promise.all([openBusiness(), startPostgres()]);
  const database = await postgres.createDatabase();
  here = await openPlace(database, business);
  await registerTools(here.url, business);
  there = await openPlace(database, business);
});

afterAll(async () => {
  await Promise.all([here[Symbol.asyncDispose](), there[Symbol.asyncDispose]()]);
  await business[Symbol.asyncDispose]();
  await postgres[Symbol.asyncDispose]();
});

describeSharedPostgres(() => ({
  here: createWorld(here.url, business, openSdkDoor),
  there: createWorld(there.url, business, openHttpDoor),
  url: here.url,
  otherUrl: there.url,
}));
