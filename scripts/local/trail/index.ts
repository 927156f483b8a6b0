import type { TimedClock } from "../front/clock.ts";
import type { ServiceSessionEvent } from "../iam/index.ts";
import type { Service, ServiceDeps } from "../service.ts";
import { startDelivery, type Delivery, type DeliveryOptions } from "./delivery.ts";
import { createLookupService } from "./lookup.ts";
import { callRecord, serviceSessionRecord, type CallFacts, type CloudTrailRecord } from "./record.ts";
import { createRecordStore, type RecordFilter } from "./store.ts";

export type { CallFacts, CloudTrailRecord } from "./record.ts";
export type { RecordFilter } from "./store.ts";
export { SELECTOR_FIELDS, type EventSelector } from "./selector.ts";
export type { Delivery, DeliveryOptions } from "./delivery.ts";
export { verifyTrail, type TrailFile } from "./digest.ts";

/** CloudTrail: every authenticated call, its history over the wire, and log files with a digest chain. */
export interface Trail extends Service {
  record(facts: CallFacts): void;
  recordServiceSession(event: ServiceSessionEvent): void;
  /** Newest first, data events too, which LookupEvents never gives. At most `limit`, 1,000 when left out. */
  records(filter?: RecordFilter, limit?: number): readonly CloudTrailRecord[];
  /** Starts delivery into a bucket: log files every five minutes, a digest every hour. One delivery per data folder. */
  startDelivery(options: DeliveryOptions): Promise<Delivery>;
}

export function createTrail(deps: ServiceDeps, clock: TimedClock): Trail {
  const database = deps.openDatabase("trail");
  const store = createRecordStore(database);
  const place = { accountId: deps.accountId, region: deps.region };
  const deliveries: Delivery[] = [];
  const append = (atMs: number, record: CloudTrailRecord): void => {
    store.append(atMs, record);
    for (const delivery of deliveries) delivery.recorded();
  };
  return {
    ...createLookupService(store),
    record: (facts) => append(facts.atMs, callRecord(facts, place)),
    recordServiceSession(event) {
      const atMs = deps.clock.now();
      append(atMs, serviceSessionRecord(event, atMs, place));
    },
    records: (filter = {}, limit = 1000) => store.find(filter, limit).map(({ record }) => record),
    async startDelivery(options) {
      const delivery = await startDelivery(options, { database, store, clock, place, deps });
      deliveries.push(delivery);
      return delivery;
    },
  };
}
