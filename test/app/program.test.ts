import { expect, test } from 'vitest'
import { createProgram } from '../../app/program.ts'

const call = (...words: readonly string[]) => createProgram().parseAsync(['node', 'sharp-eyes', ...words])

test.each([['models', 'pull', 'https://models.example/a.onnx']])(
  '%s says that it is not built yet',
  async (...words) => {
    await expect(call(...words)).rejects.toMatchObject({
      code: 'bad_request',
      message: expect.stringMatching(/^[a-z -]+: not built yet; \S/),
    })
  },
)

test('a time zone that does not exist is refused before the film is opened', async () => {
  const program = createProgram()
  const said: string[] = []
  for (const command of [program, ...program.commands])
    command.configureOutput({ writeErr: (text) => said.push(text) })
  const words = ['watch', 'film.mp4', '--rules', 'street', '--timezone', 'Mars']
  await expect(program.parseAsync(['node', 'sharp-eyes', ...words])).rejects.toMatchObject({
    code: 'commander.invalidArgument',
  })
  expect(said.join('')).toContain("argument 'Mars' is invalid. no such time zone")
})
