import type { Command } from 'commander'
import { SharpEyesError } from '../../core/errors.ts'

/** Commands of the design that this version does not have yet, and what there is instead. Below a command: `parent name`. */
const NOT_BUILT: Readonly<Record<string, string>> = {
  'models pull': 'put the .onnx file into a folder and name it with --model',
}

/** Whoever knows a command from the design is told that it is not there, instead of that it is unknown. */
export function addNotBuilt(program: Command): void {
  for (const [path, instead] of Object.entries(NOT_BUILT)) {
    const words = path.split(' ')
    const name = words.at(-1) ?? path
    const parent =
      words.length > 1 ? program.commands.find((command) => command.name() === words[0]) : program
    const refuse = () => {
      throw new SharpEyesError('bad_request', `${path}: not built yet; ${instead}`)
    }
    parent
      ?.command(name, { hidden: true })
      .description(`not built yet; ${instead}`)
      .argument('[arguments...]')
      .allowUnknownOption()
      .allowExcessArguments()
      .exitOverride()
      .action(refuse)
  }
}
