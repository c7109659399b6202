/** Who did it, where it was no person (core/actor.ts). */
export const actorWords = {
  actor: {
    machine: '系统',
    part: {
      start: '系统 · 启动',
      timer: '系统 · 定时',
      route: '系统 · 派遣规则',
      delivery: '系统 · 通知发送',
      inbox: '系统 · 事件收件箱',
    },
    autoFile: '系统 · 自动立案规则 {{rule}}',
    otherPart: '系统 · {{name}}',
    commandLine: '{{name}}（服务器命令行）',
  },
}
