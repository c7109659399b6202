import { parentPort, workerData } from 'node:worker_threads'

// Stands in for the inference thread where a test wants one that dies with a picture in its hands.
const { request } = workerData as { request: { modelFile: string } }
const spec = {
  id: 'echo',
  family: 'yolox',
  labels: ['thing'],
  thresholds: { score: 0.3, nmsIou: 0.5 },
  file: request.modelFile,
}
parentPort?.on('message', () => process.exit(7))
parentPort?.postMessage({ kind: 'ready', spec })
