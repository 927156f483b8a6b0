/**
 * Shifts `Date` in this thread, so that handlers live in the cloud's virtual time.
 * Only `Date` moves: timers and `performance` keep real time.
 * @returns a function that sets the shift in milliseconds.
 */
export function installVirtualDate(initialOffsetMs: number): (offsetMs: number) => void {
  let shiftMs = initialOffsetMs;
  const RealDate = Date;
  const realNow = RealDate.now.bind(RealDate);
  const now = (): number => realNow() + shiftMs;
  const VirtualDate = new Proxy(RealDate, {
    construct: (target, argumentList: unknown[], newTarget) =>
      Reflect.construct(target, argumentList.length === 0 ? [now()] : argumentList, newTarget) as Date,
    apply: () => new RealDate(now()).toString(),
    get: (target, property, receiver) =>
      property === "now" ? now : (Reflect.get(target, property, receiver) as unknown),
  });
  globalThis.Date = VirtualDate;
  return (offsetMs) => {
    shiftMs = offsetMs;
  };
}
