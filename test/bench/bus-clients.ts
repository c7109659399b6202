import { benchBusClients } from '../../app/bench/bus-clients.ts'
import { readMachine } from '../../app/bench/machine.ts'
import { printReport } from '../../app/bench/report.ts'
import { withTools } from '../../app/tools.ts'

// node test/bench/bus-clients.ts: two clients of Kafka behind one port, beside each other (docs/decisions/0005-kafka-client.md).
const machine = readMachine()
await withTools('bench', async (tools) =>
  printReport(
    await benchBusClients({ seconds: 10, runs: 3 }, tools),
    machine,
    process.argv.includes('--json'),
  ),
)
