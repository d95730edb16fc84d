export { parseConfig } from './config.js';
export type { ConfigResult, GatewayConfig } from './config.js';
export { startGateway } from './start-gateway.js';
export type { RunningGateway } from './start-gateway.js';
