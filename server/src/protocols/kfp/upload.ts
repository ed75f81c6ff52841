import type { FastifyRequest } from "fastify";
import { AppError } from "#lib/errors";

export const UPLOAD_BYTES_MAX = 5 * 1024 * 1024; // The longest spec that is read, and what multipart puts around it.
const FIELD = "uploadfile";
const PACKED = [Buffer.from([0x1f, 0x8b]), Buffer.from("PK")];

/** The compiled pipeline in an upload, as text. @throws AppError `invalid` */
export async function uploadedSpec(request: FastifyRequest): Promise<string> {
  const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const file = await fileIn(body, request.headers["content-type"] ?? "");
  if (PACKED.some((magic) => file.subarray(0, magic.length).equals(magic)))
    throw new AppError("invalid", "Upload the compiled .yaml or .json itself, not an archive of it.", {
      at: FIELD,
    });
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(file);
  } catch (cause) {
    throw new AppError("invalid", "The uploaded pipeline is not UTF-8 text.", { at: FIELD, cause });
  }
}

async function fileIn(body: Buffer, contentType: string): Promise<Buffer> {
  const form = await new Response(new Uint8Array(body), { headers: { "content-type": contentType } })
    .formData()
    .catch((cause: unknown) => {
      throw new AppError("invalid", "The upload is not multipart/form-data as its header says.", { cause });
    });
  const file = form.get(FIELD);
  if (file === null)
    throw new AppError("invalid", `The upload has no field '${FIELD}' with the pipeline.`, { at: FIELD });
  return typeof file === "string" ? Buffer.from(file) : Buffer.from(await file.arrayBuffer());
}
