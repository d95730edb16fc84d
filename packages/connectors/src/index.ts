export { createFetchUrl } from './fetch-url/create-fetch-url.js';
export type { FetchUrlOptions } from './fetch-url/create-fetch-url.js';
export type { FetchChecked, FetchedPage } from './fetch-url/fetched-page.js';
export { FETCH_URL, fetchUrlCard } from './fetch-url/fetch-url-card.js';
