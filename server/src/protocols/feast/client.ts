/** The client that people's own kernels have for this protocol: the release that it was checked against. */
export const CLIENT = "feast==0.67.0";
