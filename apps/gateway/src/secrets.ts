import { DEFAULT_TENANT } from '@invoke/core/domain';
import { z } from 'zod';

/** The value of one of the operator's secrets, by its variable, for a tenant; undefined where it is not set or not for that tenant. */
export type SecretAccess = (variable: string, tenant: string) => string | undefined;

const SecretTenants = z.record(
  z.string().regex(/^INVOKE_SECRET_[A-Z0-9_]{1,64}$/),
  z.array(z.string().min(1)).min(1),
);

/** Which tenants may use which secret, by its variable. */
export type SecretTenants = ReadonlyMap<string, readonly string[]>;

/**
 * A secret is the operator's, and whoever registers a tool decides where it is sent: so a tenant is given those that the
 * operator names it for. One that is named for nobody is for the tenant `default`.
 */
export function createSecretAccess(
  values: ReadonlyMap<string, string>,
  tenants: SecretTenants,
): SecretAccess {
  return (variable, tenant) =>
    (tenants.get(variable) ?? [DEFAULT_TENANT]).includes(tenant) ? values.get(variable) : undefined;
}

/** INVOKE_TENANT_SECRETS: `{"INVOKE_SECRET_PAY": ["default", "acme"]}`. A problem is told in one line. */
export function parseSecretTenants(name: string, raw: string | null, problems: string[]): SecretTenants {
  if (raw === null) return new Map();
  try {
    const parsed = SecretTenants.safeParse(JSON.parse(raw));
    if (parsed.success) return new Map(Object.entries(parsed.data));
  } catch {
    // What does not parse is told like what does not fit.
  }
  problems.push(
    `${name}: expected a JSON object from variable to tenants, such as {"INVOKE_SECRET_PAY": ["default", "acme"]}`,
  );
  return new Map();
}
