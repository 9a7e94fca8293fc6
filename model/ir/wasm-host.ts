// The part of the WebAssembly host interface that the compiled specification uses: the language's library does not declare it.

export interface WasmMemory { readonly buffer: ArrayBuffer }
export type WasmExports = Readonly<Record<string, unknown>>
export type WasmImports = Readonly<Record<string, Readonly<Record<string, unknown>>>>

interface Host {
  readonly Memory: new (pages: { readonly initial: number }) => WasmMemory
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object, imports: WasmImports) => { readonly exports: WasmExports }
}

export const wasmHost: Host = (globalThis as unknown as { readonly WebAssembly: Host }).WebAssembly
/** Bytes in a page of WebAssembly memory. */
export const wasmPage = 65536
