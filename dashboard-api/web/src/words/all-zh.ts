export { default as antd } from 'antd/locale/zh_CN'
export { zh as words } from './zh.ts'
