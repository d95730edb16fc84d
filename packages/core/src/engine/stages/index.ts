import type { StageName } from '../../domain/pipeline.js';
import type { Stage } from '../stage.js';
import { authenticate } from './authenticate.js';
import { claim } from './claim.js';
import { entity } from './entity.js';
import { execute } from './execute.js';
import { freeze } from './freeze.js';
import { policy } from './policy.js';
import { recall } from './recall.js';
import { reconcile } from './reconcile.js';
import { record } from './record.js';
import { resolveTool } from './resolve-tool.js';
import { scope } from './scope.js';
import { trace } from './trace.js';
import { validate } from './validate.js';

/** The code of every stage of the domain's list; a stage without code does not compile. The order is the list's. */
export const STAGES: Readonly<Record<StageName, Stage>> = {
  authenticate,
  resolve_tool: resolveTool,
  validate,
  scope,
  recall,
  entity,
  policy,
  freeze,
  claim,
  execute,
  reconcile,
  record,
  trace,
};
