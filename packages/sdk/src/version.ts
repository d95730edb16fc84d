/** The version of this package, as it stands in package.json (a test holds the two together). */
export const SDK_VERSION = '0.1.0';
