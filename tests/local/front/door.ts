import { createIam, type Iam } from "../../../scripts/local/iam/index.ts";
import { createVirtualClock, type VirtualClock } from "../../../scripts/local/front/clock.ts";
import { createDispatcher } from "../../../scripts/local/front/dispatch.ts";
import { createFaults, type Faults } from "../../../scripts/local/front/faults.ts";
import { jsonResponse, parseJsonBody, renderJsonError } from "../../../scripts/local/front/json-protocol.ts";
import { startServer, type FrontServer } from "../../../scripts/local/front/server.ts";
import { openState } from "../../../scripts/local/front/state.ts";
import { ServiceError, type Check, type Service, type ServiceDeps } from "../../../scripts/local/service.ts";
import { createTrail, type Trail } from "../../../scripts/local/trail/index.ts";

/** A service with no meaning of its own: it asks for the checks that a test planted, and counts what it ran. */
export interface EchoService extends Service {
  checks: readonly Check[];
  /** Thrown by `run`, when set. */
  failure: Error | undefined;
  runs: number;
}

/** Speaks AWS JSON under DynamoDB's name, so that a real SDK client can call it. */
export function createEcho(): EchoService {
  const echo: EchoService = {
    signingName: "dynamodb",
    checks: [],
    failure: undefined,
    runs: 0,
    prepare(request) {
      const operation = (request.headers["x-amz-target"] ?? "").split(".").at(-1) ?? "";
      const input = parseJsonBody(request.body);
      if (operation === "DescribeEndpoints") throw new ServiceError("UnknownOperationException", "not here", 501);
      return {
        operation,
        checks: echo.checks,
        readOnly: false,
        managementEvent: false,
        requestParameters: { tableName: input["TableName"] },
        run() {
          echo.runs += 1;
          if (echo.failure !== undefined) throw echo.failure;
          return jsonResponse({ TableNames: ["echo"] }, "1.0");
        },
      };
    },
    renderError: (error, call) => renderJsonError(error, call.requestId, "1.0", "com.amazonaws.dynamodb.v20120810"),
  };
  return echo;
}

export interface Door {
  readonly server: FrontServer;
  readonly iam: Iam;
  readonly trail: Trail;
  readonly faults: Faults;
  readonly clock: VirtualClock;
  readonly echo: EchoService;
  readonly deps: ServiceDeps;
  readonly defects: unknown[];
  close(): Promise<void>;
}

/** The front door before one echo service, in memory. */
export async function openDoor(): Promise<Door> {
  const state = openState();
  if (!state.ok) throw new Error(state.error.kind);
  const clock = createVirtualClock();
  const deps: ServiceDeps = { ...state.value, clock, accountId: "111122223333", region: "us-east-1" };
  const trail = createTrail(deps, clock);
  const iam = createIam(deps);
  const faults = createFaults(clock);
  const echo = createEcho();
  const defects: unknown[] = [];
  const onDefect = (error: unknown): void => void defects.push(error);
  const dispatcher = createDispatcher({ services: [echo], iam, trail, faults, clock, region: deps.region, onDefect });
  const server = await startServer({ port: 0, clock, dispatch: dispatcher.dispatch, onDefect });
  return {
    server,
    iam,
    trail,
    faults,
    clock,
    echo,
    deps,
    defects,
    async close() {
      await server.close();
      await dispatcher.idle();
      await clock.close();
      state.value.close();
    },
  };
}
