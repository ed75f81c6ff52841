/** The client that people's own kernels have for this protocol: the release that it was checked against. */
export const CLIENT = "kfp==2.17.0";
