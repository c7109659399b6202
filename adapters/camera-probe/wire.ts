/** Address of a worker's probes, beside its recordings, by the same secret. Asked with `probeBody`, answered with `probeShape`. */
export const PROBE_PATH = '/probe'
