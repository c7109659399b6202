/** The list of holds 证据保全. */
export const holdWords = {
  holds: {
    title: '保全',
    hint: '保全期间，图片、视频、照片和存证的录像不会按保留期删除，磁盘写满时也不让出。解除需要写明原因。',
    withReleased: '也显示已解除的（共显示最近 500 条）',
    count: '现有 {{n}} 项保全',
    none: '还没有保全过证据。可在案件、告警或回放的存证列表中保全。',
    noneInForce: '现在没有保全中的证据。',
    onlyCase: '随案件保全',
  },
}
