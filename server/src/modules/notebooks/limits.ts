const MIB = 1024 * 1024;
const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;

/** Of one file: it is held in memory while it is saved, here and in Jupyter; larger data belongs into a dataset. */
export const FILE_BYTES_MAX = 32 * MIB;
/** Files and folders of a project: what a person still finds their way in, and a listing a client reads at once. */
export const FILES_MAX = 5000;
/** Laid out for kernels as files; what does not fit is reached through clients. */
export const FOLDER_BYTES_MAX = 1024 * MIB;
/** JupyterLab saves every two minutes while one types: this is three hours of it, and a year of saving once a day or two. */
export const VERSIONS_MAX = 100;

/** Each takes about 200 MiB before its first cell. */
export const SERVERS_OF_PROJECT_MAX = 20;
/** Of one person over all projects; what is forgotten open stops by itself after a while. */
export const SERVERS_OF_PERSON_MAX = 3;
/** Of Jupyter and its kernels together; on a small machine, half of that. */
export const SERVER_MEMORY_MIB = 4096;
export const SERVER_MEMORY_SHARE = 0.5;
/** Of the working folder with its log: the project's files, and what kernels write. */
export const SERVER_OUTPUT_MIB = 4096;
/** As long as a job may last; a server that is used for a week is started again. */
export const SERVER_TIMEOUT_MS = 7 * 24 * 60 * MINUTE_MS;
/** A server that dies is started again; one that dies on each start is given up. */
export const SERVER_RETRIES = 3;
/**
 * From the start of its process until Jupyter answers. That takes seconds, and minutes where a cold disk reads its
 * packages and a project's gigabyte of files is laid out on a busy machine; environments are built before.
 */
export const START_MS = 10 * MINUTE_MS;
export const KERNELS_MAX = 20;
/** Without a working kernel, a save or a cell that was run. A lunch break, and less than an afternoon. */
export const IDLE_MS = 60 * MINUTE_MS;

/** Of one message from a browser to a kernel: a cell's source with everything pasted into it, or a widget's state. */
export const MESSAGE_BYTES_MAX = 10 * MIB;
/** Of one request to Jupyter: a file in JSON, where base64 makes it a third longer. */
export const BODY_BYTES_MAX = 48 * MIB;
/** Channels to kernels of everybody together: each holds two sockets and their buffers. */
export const CHANNELS_MAX = 500;
/** A revoked session or a lost grant is cut off from kernels within this time. */
export const RECHECK_MS = 2 * SECOND_MS;
/** What the proxy vouches for holds this long; it is used at once. */
export const IDENTITY_MS = MINUTE_MS;

/** Of a notebook that is drawn: larger ones are downloaded. */
export const DOCUMENT_BYTES_MAX = 16 * MIB;

export const PYTHON_PACKAGE = "atrium_notebooks";
