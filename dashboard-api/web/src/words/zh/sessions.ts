/** Log-ins that are going on 登录会话. */
export const sessionsWords = {
  sessions: {
    title: '登录会话',
    lead: '闲置四小时或登录满十二小时后自动结束。结束会话会同时断开其中的实况和变更推送。',
    who: '人',
    since: '登录时间',
    lastUse: '最近使用',
    address: '地址',
    browser: '浏览器',
    end: '结束',
    endOf: '结束 {{name}} 的会话 {{browser}}',
    endOthers: '结束我的其他会话',
    showAll: '所有人的会话',
    showMine: '我的会话',
    this: '当前会话',
    unknown: '未记录',
    notEnded: '会话未结束',
  },
} as const
