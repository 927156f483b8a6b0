import type { PlatformReport, TenantUse, UsageRecord } from "../../../core/cost/usage.ts";

export const LAKESIDE = "01hzzzzzzzzzzzzzzzzzzzzzz1";
export const NORTH = "01hzzzzzzzzzzzzzzzzzzzzzz2";
export const AT = Date.UTC(2026, 10, 22, 8, 15);

export const use = (tenant: string, of: Partial<TenantUse> = {}): TenantUse => ({
  tenant,
  us: 70_000,
  api: 0,
  reads: {},
  writes: {},
  kms: 0,
  kmsAsymmetric: 0,
  kmsPairs: 0,
  s3Put: {},
  s3Get: {},
  sts: 0,
  bytesOut: 0,
  logBytes: 0,
  ...of,
});

export const usage = (id: string, of: Partial<UsageRecord> = {}): UsageRecord => ({
  kind: "usage.v1",
  id,
  at: AT,
  stage: "dev",
  cell: "c01",
  fn: "clinic",
  route: "GET /clinic/patients/{id}",
  ms: 70,
  memoryMb: 512,
  uses: [use(LAKESIDE, { api: 1, reads: { data: 3 }, writes: { outbox: 2 }, bytesOut: 900 })],
  ...of,
});

export const report = (id: string, of: Partial<PlatformReport> = {}): PlatformReport => ({
  kind: "report.v1",
  id,
  at: AT + 80,
  stage: "dev",
  cell: "c01",
  fn: "clinic",
  billedMs: 75,
  memoryMb: 512,
  initMs: 0,
  logBytes: 0,
  ...of,
});
