import type { Socket } from "node:net";
import type { Server, ServiceDefinition } from "@grpc/grpc-js";

const SERVING = 1; // grpc.health.v1.HealthCheckResponse.ServingStatus
const NOT_SERVING = 2;

export interface GrpcDoor {
  accept(socket: Socket): void;
  stop(): Promise<void>;
}

/** The gRPC side of the port. Its library costs 11 MiB of memory, so it is loaded with the first client. */
export function createGrpcDoor(ready: () => Promise<boolean>): GrpcDoor {
  let door: Promise<{ server: Server; inject: (socket: Socket) => void }> | undefined;

  async function open() {
    const grpc = await import("@grpc/grpc-js");
    const server = new grpc.Server();
    server.addService(HEALTH, {
      Check: (_call: unknown, answer: (error: null, status: number) => void) => {
        ready().then((well) => answer(null, well ? SERVING : NOT_SERVING));
      },
    });
    const injector = server.createConnectionInjector(grpc.ServerCredentials.createInsecure());
    return { server, inject: (socket: Socket) => injector.injectConnection(socket) };
  }

  return {
    accept(socket) {
      door ??= open();
      door.then(
        ({ inject }) => inject(socket),
        () => socket.destroy(),
      );
    },
    stop: async () => {
      const opened = await door;
      if (opened === undefined) return;
      await new Promise<void>((resolve) => opened.server.tryShutdown(() => resolve()));
    },
  };
}

/** `grpc.health.v1.Health/Check`: the answer is one enum in field 1, so its bytes are written by hand.
 *  @remarks Wire format: grpc/health/v1/health.proto */
export const HEALTH: ServiceDefinition = {
  Check: {
    path: "/grpc.health.v1.Health/Check",
    requestStream: false,
    responseStream: false,
    requestSerialize: (value: Buffer) => value,
    requestDeserialize: (bytes: Buffer) => bytes,
    responseSerialize: (status: number) => Buffer.from([0x08, status]),
    responseDeserialize: (bytes: Buffer) => bytes[1] ?? 0,
  },
};
