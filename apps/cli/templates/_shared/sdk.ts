// The SDK as it came with the CLI, so that nothing has to be installed. To follow its releases, `npm install @invoke/sdk`
// and export from '@invoke/sdk' in this file and in the one named sdk.
export { Invoke, InvokeError, unhandled } from './vendor/invoke-sdk/index.js';
export type {
  Approval,
  CallOptions,
  CallResult,
  Decision,
  Execution,
  InvokeOptions,
  Tool,
  Trace,
} from './vendor/invoke-sdk/index.js';
