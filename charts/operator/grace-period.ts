// How long Kubernetes lets the operator end by itself: a promise of its pod that the operator shares out over all it has to end.

/** Seconds between the signal to end and the kill. */
export const GRACE_PERIOD_SECONDS = 45;
