import {
  SearchRequest,
  type CallRequest,
  type PreflightView,
  type Refusal,
  type WorkflowDefinition,
  type WorkflowStep,
} from '@invoke/contract';
import { z } from 'zod';
import { decideHeldScope } from '../../domain/access/decide-principal.js';
import { decideContext } from '../../domain/access/decide-scope.js';
import type { ExecutionRecord } from '../../domain/execution/execution-record.js';
import { sameJson } from '../../domain/json/same-json.js';
import { toFailureReport } from '../../domain/workflow/failure-report.js';
import { callEnd, failuresEnd, preflightEnd, searchEnd } from '../../domain/workflow/step-ends.js';
import { stepKey } from '../../domain/workflow/step-key.js';
import type { StepEnd } from '../../domain/workflow/story.js';
import { fillTemplate, type Filled, type TemplateScope } from '../../domain/workflow/template.js';
import type { Asking } from '../checks/check-request.js';
import { preflight } from '../checks/preflight.js';
import type { CallInput } from '../context.js';
import type { EngineDeps } from '../deps.js';
import type { Entrance } from '../entrance.js';
import { parseCallRequest, parseWith, type Parsed } from '../parse-request.js';
import { listTraces } from '../trace-list.js';
import type { Search } from './search.js';

export interface StepPorts {
  readonly deps: EngineDeps;
  readonly entrance: Pick<Entrance, 'call' | 'refuse'>;
  readonly search: Search;
}

/** What stays the same over all steps of a run. */
export interface RunFrame {
  readonly definition: WorkflowDefinition;
  readonly asking: Asking;
  readonly agentId: string | undefined;
  readonly env: string | undefined;
  /** The workflow's own key; null: its calls have none. */
  readonly key: string | null;
  readonly attachMs: number;
}

export type StepRun =
  | {
      readonly kind: 'ended';
      readonly end: StepEnd;
      /** What was executed; null for steps that call nothing. */
      readonly call: { readonly record: ExecutionRecord; readonly replayed: boolean } | null;
      /** Why a step that looks ahead stops the run; null where it does not. */
      readonly refusal: Refusal | null;
    }
  | { readonly kind: 'refused'; readonly refusal: Refusal };

type Step<K extends WorkflowStep['kind']> = Extract<WorkflowStep, { kind: K }>;

/** Runs one step: fills in what it refers to, then does what it says, as the caller and with nothing but the caller's rights. */
export async function runStep(
  step: WorkflowStep,
  run: { readonly frame: RunFrame; readonly scope: TemplateScope },
  ports: StepPorts,
): Promise<StepRun> {
  switch (step.kind) {
    case 'call':
      return runCall(step, run, ports);
    case 'preflight':
      return runPreflight(step, run, ports);
    case 'search':
      return runSearch(step, run, ports);
    case 'failures':
      return runFailures(step, run, ports);
  }
}

type Run = Parameters<typeof runStep>[1];

async function runCall(step: Step<'call'>, { frame, scope }: Run, { entrance }: StepPorts): Promise<StepRun> {
  const request = toRequest(step, { frame, scope });
  const { principal, meta } = frame.asking;
  const credential = { kind: 'principal', principal } as const;
  if (request.kind === 'refused') {
    const { refusal } = request;
    await entrance.refuse({ credential, requestId: meta.requestId, refusal, body: { tool: step.tool } });
    return request;
  }
  const answer = await entrance.call(toInput(request.value, frame));
  if (answer.kind === 'refused') return answer;
  const { record, replayed } = answer;
  // A key names one execution of one workflow, whatever else is the same.
  if (record.workflow !== frame.definition.id) return { kind: 'refused', refusal: OTHER_WORKFLOW };
  const result: unknown = record.resultText === null ? null : JSON.parse(record.resultText);
  return { kind: 'ended', end: callEnd(step, record, result), call: { record, replayed }, refusal: null };
}

const OTHER_WORKFLOW: Refusal = {
  code: 'idempotency_key_reused',
  message: 'This idempotency key already names a call of another workflow.',
};

async function runPreflight(step: Step<'preflight'>, run: Run, { deps }: StepPorts): Promise<StepRun> {
  const ahead = callAhead(step, run.frame.definition);
  const request = toRequest(ahead ?? step, run);
  if (request.kind === 'refused') return request;
  const seen = await preflight({ ...toInput(request.value, run.frame), applySafeFixes: false }, deps);
  if (seen.kind === 'refused') return seen;
  const refusal = seen.view.decision === 'block' ? refusalOf(seen.view) : null;
  return { kind: 'ended', end: preflightEnd(step, seen.view), call: null, refusal };
}

function refusalOf({ code, reason }: PreflightView): Refusal {
  return {
    code: (code ?? 'policy_denied') as Refusal['code'],
    message: reason ?? 'the call would be refused',
  };
}

/** The call that comes right after a look at it: then it is looked at as it will be made, with its key and its policy. */
function callAhead(step: Step<'preflight'>, { steps }: WorkflowDefinition): Step<'call'> | null {
  const next = steps[steps.indexOf(step) + 1];
  if (next?.kind !== 'call' || next.tool !== step.tool) return null;
  return sameJson(next.params, step.params) ? next : null;
}

/** The request that a step stands for, once its placeholders are filled; checked like any request from outside. */
function toRequest(step: Step<'call'> | Step<'preflight'>, { frame, scope }: Run): Parsed<CallRequest> {
  const { step: name, title: _title, kind, ...template } = step;
  const filled = fillTemplate(template, scope);
  if (filled.kind !== 'ok') return unfilled(filled);
  const { definition, key, agentId, env } = frame;
  const idempotencyKey = key === null || kind === 'preflight' ? undefined : stepKey(definition, name, key);
  const request = {
    ...(filled.value as object),
    workflow: definition.id,
    ...(agentId === undefined ? {} : { agent_id: agentId }),
    ...(env === undefined ? {} : { env }),
    ...(idempotencyKey === undefined ? {} : { idempotency_key: idempotencyKey }),
  };
  return parseCallRequest(request);
}

const UNFILLED = {
  missing: ['is missing', 'this workflow needs it'],
  inexact: [
    'has a number beyond 2^53',
    'the next tool would be given another one; have the tool send it as text',
  ],
  broken: [
    'has NUL or half of a character',
    'no tool is given that; have the tool that sent it cut its texts between characters',
  ],
} as const;

function unfilled({ kind, path }: Exclude<Filled, { kind: 'ok' }>): {
  readonly kind: 'refused';
  readonly refusal: Refusal;
} {
  const [what, message] = UNFILLED[kind];
  const errors = [{ pointer: `/${path.replaceAll('.', '/')}`, message }];
  const refusal: Refusal = { code: 'validation_failed', message: `${path} ${what}: ${message}.`, errors };
  return { kind: 'refused', refusal };
}

function toInput(request: CallRequest, { asking, attachMs }: RunFrame): CallInput {
  const { principal, meta } = asking;
  return { credential: { kind: 'principal', principal }, request, ...meta, attachMs };
}

async function runSearch(
  step: Step<'search'>,
  { frame, scope }: Run,
  { search }: StepPorts,
): Promise<StepRun> {
  const filled = fillTemplate({ query: step.query, limit: step.limit }, scope);
  if (filled.kind !== 'ok') return unfilled(filled);
  const request = parseWith(SearchRequest, filled.value);
  if (request.kind === 'refused') return request;
  const placed = placedIn(frame);
  if (placed !== null) return { kind: 'refused', refusal: placed };
  const found = await search(request.value, frame.asking);
  if (found.kind === 'refused') return found;
  return { kind: 'ended', end: searchEnd(step, found.answer), call: null, refusal: null };
}

/** How many of the newest traces are looked through. */
const SCANNED = 200;
const FailuresRequest = z.strictObject({ limit: z.int().min(1).max(50) });

async function runFailures(
  step: Step<'failures'>,
  { frame, scope }: Run,
  { deps }: StepPorts,
): Promise<StepRun> {
  const filled = fillTemplate({ limit: step.limit }, scope);
  if (filled.kind !== 'ok') return unfilled(filled);
  const request = parseWith(FailuresRequest, filled.value);
  if (request.kind === 'refused') return request;
  const { principal } = frame.asking;
  const held = decideHeldScope(principal, 'traces:read');
  if (held.kind === 'refuse') return { kind: 'refused', refusal: held.refusal };
  const placed = placedIn(frame);
  if (placed !== null) return { kind: 'refused', refusal: placed };
  const everything = { tool: null, agentId: null, status: null, executionId: null };
  const start = { traceId: null, executionId: null };
  const { records } = await listTraces(principal, { ...everything, limit: SCANNED, before: start }, deps);
  const report = toFailureReport(records, request.value.limit);
  return { kind: 'ended', end: failuresEnd(step, report), call: null, refusal: null };
}

/** Steps that call no tool are held against the key's limits here. */
function placedIn({ asking, agentId, env, definition }: RunFrame): Refusal | null {
  const placed = decideContext(asking.principal, { agent_id: agentId, env, workflow: definition.id });
  return placed.kind === 'refuse' ? placed.refusal : null;
}
