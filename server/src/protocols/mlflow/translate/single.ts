import { AppError } from "#lib/errors";

const FIRST_OF_BATCH = /'(?:metrics|params|tags)\[0\]\./g;

/**
 * One value is logged as a batch of one; what is wrong with it is then told by the name that the caller gave:
 * `'key'`, not `'tags[0].key'`.
 */
export async function single(logged: Promise<void>): Promise<void> {
  try {
    await logged;
  } catch (thrown) {
    if (!(thrown instanceof AppError) || thrown.code !== "invalid") throw thrown;
    const message = thrown.message.replaceAll(FIRST_OF_BATCH, "'");
    throw new AppError("invalid", message, { cause: thrown });
  }
}
