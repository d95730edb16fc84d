import { describe, expect, test } from 'vitest';
import { createSecretAccess, parseSecretTenants } from '../src/secrets.js';

const VALUES = new Map([
  ['INVOKE_SECRET_A', 'a'],
  ['INVOKE_SECRET_B', 'b'],
]);

describe("the operator's secrets", () => {
  test.each([
    {
      variable: 'INVOKE_SECRET_A',
      tenant: 'default',
      value: 'a',
      why: 'named for nobody: for the tenant default',
    },
    { variable: 'INVOKE_SECRET_A', tenant: 'acme', value: undefined, why: 'and for nobody else' },
    { variable: 'INVOKE_SECRET_B', tenant: 'acme', value: 'b', why: 'named for it' },
    { variable: 'INVOKE_SECRET_B', tenant: 'default', value: undefined, why: 'named for another' },
    { variable: 'INVOKE_SECRET_C', tenant: 'default', value: undefined, why: 'not set' },
  ])('$variable for $tenant: $why', ({ variable, tenant, value }) => {
    const tenants = new Map([['INVOKE_SECRET_B', ['acme']]]);
    expect(createSecretAccess(VALUES, tenants)(variable, tenant)).toBe(value);
  });

  test.each(['{', '[]', '{"PAY":["a"]}', '{"INVOKE_SECRET_A":[]}', '{"INVOKE_SECRET_A":"a"}'])(
    '%s is told in one line that names the variable',
    (raw) => {
      const problems: string[] = [];
      expect(parseSecretTenants('INVOKE_TENANT_SECRETS', raw, problems)).toEqual(new Map());
      expect(problems).toEqual([expect.stringMatching(/^INVOKE_TENANT_SECRETS: expected a JSON object/)]);
    },
  );
});
