/** Boxes on the live picture. */
export const liveBoxWords = {
  liveBoxes: {
    show: '检出框',
    key: '显示或隐藏检出框',
    drawn: '模型检出 {{n}} 处',
    still: '静止',
    lastNothing: '最近分析 {{time}}：未检出目标',
    lastFound: '最近分析 {{time}}：检出 {{n}} 处',
    lastGone: '最近分析 {{time}}：检出 {{n}} 处；此后的画面还未分析，不画框',
    waiting: '正在等待分析的画面',
    behind: '没有检出框：分析比画面慢 1 秒以上，框会画错画面',
    noModel: '没有检出框：没有模型在分析此摄像机的画面',
    late: '没有检出框：35 秒内没有画面经过模型分析',
    noClock: '没有检出框：此浏览器不报告画面时刻，框可能画错画面',
    noStream: '没有检出框：只有摄像机原始视频才有检出框，低清视频和图片没有',
  },
}
