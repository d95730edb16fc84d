import type { CapabilityCard, EntityResolution, ExecutionContextState, JsonObject } from '@invoke/contract';
import { refuse, PROCEED, type Decision } from '../decision.js';
import { findIdLikeFields, findScalars, idsAt, type IdLikeField } from '../tool/find-fields.js';
import { toolsOf, type Reach } from '../tool/reach.js';

export interface EntityFacts {
  readonly card: CapabilityCard;
  readonly resolution: EntityResolution | null;
  readonly params: JsonObject;
  readonly executionState: ExecutionContextState | null;
  /** Freshly read state of the world, where it was asked for. */
  readonly liveState: JsonObject | null;
  /** An execution whose write to this entity has an unknown outcome. */
  readonly unsettledWrite: string | null;
}

/**
 * Whether the call points at the entity that was resolved. The card names the fields that identify the entity; where it
 * names none, fields whose name or value is of the same kind as the resolved id are compared, and in the params every value
 * that looks like such an id, whatever its field is called. Ids are compared exactly: another case, a trailing space or a
 * longer id is another entity.
 */
export function decideEntity(facts: EntityFacts): Decision {
  const { card, resolution } = facts;
  if (resolution === null) {
    if (card.entity_required) {
      return refuse(
        'entity_required',
        'This tool is only called with entity_resolution, so that a wrong id is noticed.',
      );
    }
    return decideQuarantine(facts);
  }
  const named = namedIds(facts, resolution.entity_id);
  const wrong = named.find((n) => n.value !== resolution.entity_id);
  if (wrong !== undefined) return mismatch(resolution.entity_id, wrong);
  if (named.length === 0 && card.entity_required) {
    return refuse(
      'entity_mismatch',
      `Nothing in the call names ${quoted(resolution.entity_id)}, and this tool requires it.`,
      {
        details: { entity_id: resolution.entity_id },
      },
    );
  }
  return decideQuarantine(facts);
}

/** The entity a call acts on: the resolved one, or the first that the card's fields name. */
export function entityOf(
  card: CapabilityCard,
  resolution: EntityResolution | null,
  params: JsonObject,
): string | null {
  if (resolution !== null) return resolution.entity_id;
  for (const { field } of card.entities) {
    const id = idsAt(params, field)[0];
    if (id !== undefined) return id;
  }
  return null;
}

/**
 * The entities that a call may write to: one for all of its tools, or it is refused. An execution holds one entity while its
 * outcome is unknown.
 */
export function writtenEntities(
  reach: Reach,
  resolution: EntityResolution | null,
  params: JsonObject,
): readonly string[] {
  const writing = toolsOf(reach).filter(({ card }) => card.effect === 'write');
  const ids = writing.map(({ card }) => entityOf(card, resolution, params));
  return [...new Set(ids.filter((id) => id !== null))];
}

export function decideOneEntity([first, other]: readonly string[]): Decision {
  if (first === undefined || other === undefined) return PROCEED;
  const message = `expected a fallback that acts on ${quoted(first)} too; it acts on ${quoted(other)}`;
  return refuse('entity_mismatch', 'The fallback of this call acts on another entity than the call itself.', {
    errors: [{ pointer: '/failure_policy/fallback', message }],
    details: { entity_id: first, found: other },
  });
}

function decideQuarantine({ card, unsettledWrite }: EntityFacts): Decision {
  if (unsettledWrite === null || card.effect === 'read' || !card.hold_on_unknown) return PROCEED;
  return refuse(
    'entity_quarantined',
    `The outcome of ${unsettledWrite}, which writes to the same entity, is not known yet. Try again when it is settled.`,
    { details: { held_by: unsettledWrite } },
  );
}

interface NamedId {
  readonly where: string;
  readonly value: string;
}

function namedIds(facts: EntityFacts, entityId: string): readonly NamedId[] {
  const { card, params, executionState, liveState } = facts;
  const sources: readonly (readonly [string, unknown])[] = [
    ['params', params],
    ['execution_state.variables', executionState?.variables],
    ['execution_state.tool_outputs', executionState?.tool_outputs],
    ['live_state', liveState],
  ];
  if (card.entities.length === 0) {
    const byName = sources.flatMap(([name, root]) => sameKind(findIdLikeFields(root), entityId, name));
    return [...byName, ...lookAlikes(params, entityId)];
  }
  const leaves = new Set(card.entities.map((e) => e.field.slice(e.field.lastIndexOf('/') + 1)));
  const declared = card.entities.flatMap((e) =>
    idsAt(params, e.field).map((value) => ({ where: `/params${e.field}`, value })),
  );
  const elsewhere = sources.slice(1).flatMap(([name, root]) =>
    findIdLikeFields(root)
      .filter((f) => leaves.has(f.name))
      .map((f) => ({ where: `${name}${f.pointer}`, value: f.value })),
  );
  return [...declared, ...elsewhere];
}

/**
 * Without a card: of the id-like fields, those of the entity's own kind. Ids with a prefix (`cust_123`) tell their kind;
 * for ids without one, the fields count only as a whole: none of them being the entity is a mismatch.
 */
function sameKind(fields: readonly IdLikeField[], entityId: string, source: string): readonly NamedId[] {
  const toNamed = (f: IdLikeField): NamedId => ({ where: `${source}${f.pointer}`, value: f.value });
  const prefix = prefixOf(entityId);
  if (prefix === null) {
    const hit = fields.find((f) => f.value === entityId);
    return (hit === undefined ? fields : [hit]).map(toNamed);
  }
  return fields.filter((f) => prefixOf(f.value) === prefix || nameFits(f.name, prefix)).map(toNamed);
}

/**
 * Values of the params that look like the entity's own ids, in fields of any name: `cust_456` where `cust_123` was resolved.
 * A word with the same beginning (`order_date` beside `order_123`) is not taken for an id, unless the resolved one is such a
 * word itself.
 */
function lookAlikes(params: JsonObject, entityId: string): readonly NamedId[] {
  const prefix = prefixOf(entityId);
  if (prefix === null) return [];
  const start = entityId.slice(0, prefix.length + 1).toLowerCase();
  return findScalars(params)
    .filter(({ value }) => value.toLowerCase().startsWith(start) && isToken(value))
    .filter(({ value }) => !isWord(value) || isWord(entityId))
    .map((f) => ({ where: `params${f.pointer}`, value: f.value }));
}

/** One token, not a sentence. Invisible characters do not make it two. */
function isToken(value: string): boolean {
  return !/\s/.test(value.trim());
}

function isWord(value: string): boolean {
  return /^[a-z]+(?:[_-][a-z]+)*$/.test(value);
}

/** The letters before the first `_` or `-` of an id, in lower case: `cust_123` gives `cust`. */
function prefixOf(id: string): string | null {
  const match = /^([A-Za-z]{2,})[_-]/.exec(id);
  return match?.[1]?.toLowerCase() ?? null;
}

/** `customer_id` is a field for `cust_...`. */
function nameFits(name: string, prefix: string): boolean {
  const stem =
    name
      .replace(/_?ids?$/i, '')
      .toLowerCase()
      .split('_')
      .at(-1) ?? '';
  return stem.length >= 2 && (stem.startsWith(prefix) || prefix.startsWith(stem));
}

function mismatch(resolved: string, wrong: NamedId): Decision {
  return refuse(
    'entity_mismatch',
    `${wrong.where} is ${quoted(wrong.value)}, but the resolved entity is ${quoted(resolved)}.`,
    {
      details: { entity_id: resolved, field: wrong.where, found: wrong.value },
    },
  );
}

/** Invisible characters shown as escapes: they are how one id poses as another. */
function quoted(id: string): string {
  return JSON.stringify(id).replaceAll(/[^\x20-\x7e]/gu, (c) => `\\u{${c.codePointAt(0)?.toString(16)}}`);
}
