/** This machine cannot show it. The message says why, in words for the report. */
export class NotMeasurable extends Error {
  /** @param {string} why @param {unknown} [cause] */
  constructor(why, cause) {
    super(why, { cause });
    this.name = 'NotMeasurable';
  }
}
