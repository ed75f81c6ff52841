/** The client that people's own kernels have for this protocol: the release that it was checked against. */
export const CLIENT = "mlflow==3.17.2";
