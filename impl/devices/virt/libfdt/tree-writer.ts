// Writing a flattened device tree with libfdt: its functions that write one piece after the other, in WebAssembly memory.
import { host, type Memory, type Module } from '../../../cpu/riscv/web-assembly.ts'
import { libfdtBytes } from './bytes.ts'

/** What is called has libfdt's name and order of arguments. Addresses are of the memory; what is answered is 0 or a negative error. */
interface Library {
  readonly memory: Memory
  readonly __heap_base: { readonly value: number }
  readonly fdt_create: (tree: number, bytes: number) => number
  readonly fdt_resize: (tree: number, to: number, bytes: number) => number
  readonly fdt_finish_reservemap: (tree: number) => number
  readonly fdt_begin_node: (tree: number, name: number) => number
  /** Leaves the value, and its address in a cell. */
  readonly fdt_property_placeholder: (tree: number, name: number, bytes: number, cell: number) => number
  readonly fdt_end_node: (tree: number) => number
  readonly fdt_finish: (tree: number) => number
  /** The address of a text. */
  readonly fdt_strerror: (error: number) => number
  readonly set_boot_hart: (tree: number, hart: number) => void
}

type Step = Exclude<keyof Library, 'memory' | '__heap_base' | 'fdt_strerror' | 'set_boot_hart'>

const noSpace = -3
const pageBytes = 65536
const firstBytes = 8192
/** Where libfdt wants the tree. */
const alignment = 8
/** For the longest name, and the cell before it. */
const nameSpace = 64, cellBytes = 4
/** Of the header. */
const field = { bytes: 4, nodes: 8, nameBytes: 32, nodeBytes: 36 } as const

/** Devicetree Specification 0.4, 2.2.1 and 2.2.4; an address is as long as a name at most. */
const nodeName = /^[a-z][\w,.+-]{0,30}(@[\w,.+-]{1,31})?$/i
const propertyName = /^[\w,.+?#-]{1,31}$/

let module: Module | undefined

/** One tree. Throws an Error for a call that is out of order, of which libfdt does not notice all, and for a name that the specification does not allow. */
export class TreeWriter {
  private readonly library: Library
  /** Of all memory, as large as it is now. */
  private memory = new DataView(new ArrayBuffer(0))
  /** Where libfdt leaves addresses; behind it is a name, behind that the tree. */
  private readonly cell: number
  private readonly name: number
  private readonly tree: number
  private bytes = firstBytes
  /** Nodes that are begun and not ended. */
  private depth = 0
  /** A node's properties come before its children. */
  private takesProperties = false
  private hasRoot = false

  constructor() {
    this.library = new host.Instance(module ??= new host.Module(libfdtBytes()), {}).exports as unknown as Library
    this.cell = aligned(this.library.__heap_base.value)
    this.name = this.cell + cellBytes
    this.tree = aligned(this.name + nameSpace)
    this.reserve()
    this.call('fdt_create', this.bytes)
    this.call('fdt_finish_reservemap')
  }

  /** Begins a node: the root, whose name is empty, or a child of the one that was begun last. */
  beginNode(name: string): void {
    if (this.hasRoot !== this.depth > 0) throw new Error(`the node ${name} of a device tree lies beside its root`)
    if (this.hasRoot ? !nodeName.test(name) : name !== '') throw new Error(`a node of a device tree cannot be called ${JSON.stringify(name)}`)
    this.placeName(name)
    this.call('fdt_begin_node', this.name)
    this.depth++
    this.hasRoot = this.takesProperties = true
  }

  property(name: string, value: Uint8Array): void {
    if (!this.takesProperties) throw new Error(`the property ${name} of a device tree does not follow the beginning of a node or another property`)
    if (!propertyName.test(name)) throw new Error(`a property of a device tree cannot be called ${JSON.stringify(name)}`)
    this.placeName(name)
    this.call('fdt_property_placeholder', this.name, value.length, this.cell)
    new Uint8Array(this.memory.buffer).set(value, this.memory.getUint32(this.cell, true))
  }

  endNode(): void {
    if (this.depth === 0) throw new Error('a node of a device tree is ended that was not begun')
    this.call('fdt_end_node')
    this.depth--
    this.takesProperties = false
  }

  /** The blob, of the size that its header says. `bootHart` is the hart that starts. Nothing can be written afterwards. */
  finish(bootHart: number): Uint8Array {
    if (!this.hasRoot || this.depth > 0) throw new Error(`a device tree is finished ${this.hasRoot ? `inside ${this.depth} nodes` : 'without its root'}`)
    this.call('fdt_finish')
    this.library.set_boot_hart(this.tree, bootHart)
    return new Uint8Array(this.memory.buffer.slice(this.tree, this.tree + this.header('bytes')))
  }

  /** The tree is given more space as it needs it. */
  private call(step: Step, ...args: readonly number[]): void {
    for (;;) {
      const error = (this.library[step] as (...all: readonly number[]) => number)(this.tree, ...args)
      if (error === 0) return
      if (error !== noSpace) throw new Error(`${step}: ${this.word(error)}`)
      this.grow()
    }
  }

  /** What is free lies between the nodes and the names, which have moved to the end: libfdt takes it for zeros. */
  private grow(): void {
    this.bytes *= 2
    this.reserve()
    this.call('fdt_resize', this.tree, this.bytes)
    new Uint8Array(this.memory.buffer).fill(0, this.tree + this.header('nodes') + this.header('nodeBytes'), this.tree + this.bytes - this.header('nameBytes'))
  }

  private header(name: keyof typeof field): number {
    return this.memory.getUint32(this.tree + field[name])
  }

  private placeName(name: string): void {
    new Uint8Array(this.memory.buffer).set(ascii(`${name}\0`), this.name)
  }

  /** Memory for the tree. */
  private reserve(): void {
    const { memory } = this.library
    const pages = Math.ceil((this.tree + this.bytes - memory.buffer.byteLength) / pageBytes)
    if (pages > 0) memory.grow(pages)
    this.memory = new DataView(memory.buffer)
  }

  private word(error: number): string {
    const memory = new Uint8Array(this.memory.buffer), at = this.library.fdt_strerror(error)
    return String.fromCharCode(...memory.subarray(at, memory.indexOf(0, at)))
  }
}

const aligned = (address: number): number => Math.ceil(address / alignment) * alignment

/** Text is ASCII: of any other character the low byte is kept. */
export const ascii = (text: string): Uint8Array => {
  const bytes = new Uint8Array(text.length)
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i)
  return bytes
}
