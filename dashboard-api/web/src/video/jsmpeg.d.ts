/** The parts of @cycjimmy/jsmpeg-player that are used here: demuxer, decoder and renderer, without its player. */
declare module '@cycjimmy/jsmpeg-player' {
  interface Renderer {
    resize(width: number, height: number): void
    render(y: Uint8ClampedArray, cr: Uint8ClampedArray, cb: Uint8ClampedArray): void
  }
  interface Decoder {
    connect(renderer: Renderer): void
    write(pts: number, buffers: readonly Uint8Array[]): void
    /** Decodes one picture and renders it; false: nothing complete is there. */
    decode(): boolean
  }
  const JSMpeg: {
    readonly Demuxer: {
      readonly TS: {
        new (
          options: object,
        ): {
          connect(stream: number, destination: Pick<Decoder, 'write'>): void
          write(bytes: Uint8Array): void
        }
        readonly STREAM: { readonly VIDEO_1: number }
      }
    }
    readonly Decoder: {
      readonly MPEG1Video: new (options: {
        readonly streaming: boolean
        readonly videoBufferSize: number
      }) => Decoder
    }
    readonly Renderer: {
      readonly Canvas2D: new (options: { readonly canvas: HTMLCanvasElement }) => Renderer
    }
  }
  export default JSMpeg
}
