/** Who did it, where it was no person (core/actor.ts). */
export const actorWords = {
  actor: {
    machine: 'System',
    part: {
      start: 'System · start',
      timer: 'System · timer',
      route: 'System · dispatch rule',
      delivery: 'System · delivery',
      inbox: 'System · event inbox',
    },
    autoFile: 'System · auto-file rule {{rule}}',
    otherPart: 'System · {{name}}',
    commandLine: '{{name}} (command line of the server)',
  },
}
