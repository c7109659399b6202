/** Formats that hold video themselves; none that name other files or addresses (hls, concat, sdp, image2 …). */
const FORMATS = 'mov,matroska,avi,mpegts,mpeg,flv,asf,ogg,mxf,nut,ivf,dhav,h264,hevc,m4v,mjpeg,mpjpeg'

/** What opening a hostile file may make a child do. */
export const FILM_INPUT: readonly string[] = ['-protocol_whitelist', 'file', '-format_whitelist', FORMATS]
