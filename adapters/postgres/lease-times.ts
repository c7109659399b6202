/** A lease not renewed for this long is free for another worker (DESIGN section 2). */
export const LEASE = "interval '20 seconds'"
/** A camera that moves is nobody's for so long: the one who had it lets go before the next one connects. */
export const HANDING_OVER = "interval '5 seconds'"
/** Who is offered a camera and does not take it for so long is gone: anybody may. */
export const OFFER = "interval '20 seconds'"
