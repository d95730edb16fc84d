const LONGEST = 63;

/**
 * The slug that a provider gets from its name. Null where the name does not fit into one as a whole: two names that differ
 * only in what is left out would be one provider.
 */
export function slugOf(name: string): string | null {
  const lower = name.toLowerCase();
  if (/[^\P{L}a-z]|[^\P{N}0-9]/u.test(lower)) return null;
  const slug = lower.replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-+|-+$/g, '');
  return slug === '' || slug.length > LONGEST ? null : slug;
}
