export { parseConfig } from './config.js';
export type { ConfigResult, GatewayConfig } from './config.js';
export { startGateway } from './start-gateway.js';
export type { GatewayPorts, RunningGateway, WrapPorts } from './start-gateway.js';
