// Fewer is no comparison; more columns and colours than this nobody can tell apart.
export const COMPARE_MIN = 2;
export const COMPARE_MAX = 20;
