export { describeStore, describeStoreCore } from './conformance/store/describe-store.js';
export { describeStoreAgainstOracle } from './conformance/store/describe-store-against-oracle.js';
export type { OpenStore, StoreUnderTest } from './conformance/store/store-under-test.js';
