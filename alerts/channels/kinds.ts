/** Kinds of channels that are built; a channel of another kind in the city file is reported as not built yet. */
export const CHANNEL_KINDS = ['webhook'] as const
