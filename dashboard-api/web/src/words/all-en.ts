export { default as antd } from 'antd/locale/en_US'
export { en as words } from './en.ts'
