/** Wrong use of the command line: the exit code is 2, and help follows. */
export class UsageError extends Error {}

/** Something did not work: the exit code is 1. The message says what to do. */
export class Failure extends Error {}
