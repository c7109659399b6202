import { theme as antdTheme, type ThemeConfig } from 'antd'
import { DARK, LIGHT } from './palette.ts'

const FONTS =
  'system-ui, -apple-system, "Segoe UI", "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif'

/** antd's theme with text tokens that reach 4.5:1 and control borders that reach 3:1 (its defaults do not). */
export function antdTokens(dark: boolean): ThemeConfig {
  const p = dark ? DARK : LIGHT
  return {
    algorithm: dark ? antdTheme.darkAlgorithm : antdTheme.defaultAlgorithm,
    cssVar: { key: 'sharp-eyes' },
    hashed: false,
    token: {
      fontFamily: FONTS,
      fontSize: 14,
      borderRadius: 4,
      // Nothing slides on an alarm desk; and an animation cut short leaves antd's loading icon in its button, unseen but read out.
      motion: false,
      colorPrimary: '#1668dc',
      colorPrimaryHover: p.link,
      colorPrimaryActive: p.link,
      colorInfo: '#1668dc',
      colorLink: p.link,
      colorLinkHover: p.link,
      colorLinkActive: p.link,
      colorBgLayout: p.ground,
      colorBgContainer: p.container,
      colorBgElevated: p.elevated,
      colorText: p.text,
      colorTextHeading: p.text,
      colorTextSecondary: p.secondary,
      colorTextLabel: p.secondary,
      colorTextDescription: p.tertiary,
      colorTextTertiary: p.tertiary,
      colorTextQuaternary: p.tertiary,
      colorTextPlaceholder: p.tertiary,
      colorTextDisabled: p.disabled,
      colorIcon: p.tertiary,
      colorErrorText: p.error,
      colorWarningText: p.warning,
      colorSuccessText: p.success,
      colorBorder: p.control,
      colorBorderSecondary: p.border,
      colorSplit: p.border,
      controlOutline: p.focus,
      // 24 px is the smallest target (WCAG 2.5.8): small controls are that high.
      controlHeightSM: 28,
    },
    components: {
      Button: {
        // antd lightens a filled button on hover; its white text needs it darker instead.
        colorPrimaryHover: '#1259bd',
        colorPrimaryActive: '#0e4c9f',
        defaultHoverColor: p.text,
        defaultHoverBorderColor: p.link,
        defaultActiveColor: p.text,
        defaultActiveBorderColor: p.link,
        primaryShadow: 'none',
        defaultShadow: 'none',
        dangerShadow: 'none',
        colorError: dark ? '#ff8f8f' : '#b3151b',
      },
      Segmented: {
        itemColor: p.secondary,
        itemSelectedBg: dark ? '#3a4958' : '#ffffff',
        trackBg: dark ? '#10151b' : '#dfe4e9',
      },
      // The chosen item is told by a text in the primary colour, which is too dark for a dark menu.
      Switch: { trackHeight: 24, handleSize: 20, trackMinWidth: 46 },
      Dropdown: { colorPrimary: p.link },
      Menu: { itemBg: 'transparent', activeBarBorderWidth: 0 },
    },
  }
}
