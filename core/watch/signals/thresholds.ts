/** When something unusual is told. Data, so that a clinic's own numbers can stand in its place. */
export interface Thresholds {
  /** So many different patients opened by one person in so long. Systems that import and export are not people. */
  readonly bulkViews: { readonly patients: number; readonly withinMs: number };
  /** So many refusals to one person in so long. */
  readonly denials: { readonly count: number; readonly withinMs: number };
  /** So many different patients opened outside the clinic's hours within one hour. */
  readonly offHours: { readonly patients: number };
}

export const THRESHOLDS: Thresholds = {
  bulkViews: { patients: 30, withinMs: 10 * 60_000 },
  denials: { count: 10, withinMs: 10 * 60_000 },
  offHours: { patients: 3 },
};
