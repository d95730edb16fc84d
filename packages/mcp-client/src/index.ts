export { checkToolUrl, isPlaceholderUrl } from './address/check-tool-url.js';
export type { ToolUrlPolicy, ToolUrlVerdict } from './address/check-tool-url.js';
export { classifyAddress } from './address/classify-address.js';
export type { AddressVerdict } from './address/classify-address.js';
export type { EgressPolicy } from './address/egress-policy.js';
export { createToolInvoker } from './create-tool-invoker.js';
export type { BuiltinHandler, ToolInvokerOptions } from './create-tool-invoker.js';
export { createCheckedFetch } from './wire/checked-fetch.js';
export type { CheckedFetch, CheckedRequest, CheckedResponse } from './wire/checked-fetch.js';
