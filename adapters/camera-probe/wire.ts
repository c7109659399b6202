/** Address of a worker's probes, beside its recordings, by the same secret. Asked with `workerProbeBody`, answered with `probeShape`. */
export const PROBE_PATH = '/probe'
