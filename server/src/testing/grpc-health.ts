import { credentials, makeGenericClientConstructor, type ServiceError } from "@grpc/grpc-js";
import { HEALTH } from "../roles/api/grpc.ts";

const DEADLINE_MS = 10_000;

type Check = (
  body: Buffer,
  options: { deadline: number },
  done: (error: ServiceError | null, status?: number) => void,
) => void;

export type GrpcTrust = "plain" | "public authorities" | { authority: Buffer };

/** The state that gRPC's health service tells at a port of this machine; undefined when the call fails. */
export function grpcHealth(port: number, trust: GrpcTrust): Promise<number | undefined> {
  const Client = makeGenericClientConstructor(HEALTH, "Health");
  const client = new Client(`localhost:${port}`, channelFor(trust));
  return new Promise((resolve) => {
    const check = client.Check as Check;
    check.call(client, Buffer.alloc(0), { deadline: Date.now() + DEADLINE_MS }, (error, status) => {
      client.close();
      resolve(error === null ? status : undefined);
    });
  });
}

function channelFor(trust: GrpcTrust) {
  if (trust === "plain") return credentials.createInsecure();
  return trust === "public authorities" ? credentials.createSsl() : credentials.createSsl(trust.authority);
}
