// The part of the WebAssembly host interface that the hart and its board use: the language's own library does not declare it.

export interface Memory {
  readonly buffer: ArrayBuffer
  readonly grow: (pages: number) => number
}
export interface Table {
  readonly length: number
  readonly grow: (entries: number) => number
  readonly set: (index: number, value: unknown) => void
}
export interface Instance { readonly exports: Readonly<Record<string, unknown>> }
export type Module = object
export type Imports = Readonly<Record<string, Readonly<Record<string, unknown>>>>

interface Host {
  readonly Memory: new (descriptor: { readonly initial: number, readonly maximum?: number }) => Memory
  readonly Table: new (descriptor: { readonly element: 'anyfunc', readonly initial: number }) => Table
  readonly Module: new (bytes: Uint8Array) => Module
  readonly Instance: new (module: Module, imports: Imports) => Instance
}

export const host: Host = (globalThis as unknown as { readonly WebAssembly: Host }).WebAssembly
