// Small hand-written guests for the tests of this folder: each is a machine with its own trap handler.
import type { Program } from './lock-step.fixture.ts'
import { ins, psw } from './lock-step.fixture.ts'

/** Cells of the machine that every program here fits. */
export const programSize = 256
const blocks = programSize / 16

const user = 1
const supervisor = 0

/**
 * Counts traps in cell 40, prints the cause, skips the instruction or starts the timer again after a timer trap, and
 * halts after 40 traps.
 */
const handler: Program = {
  1: psw(supervisor, 64, 0, blocks),
  64: [
    ins('L', 15, 0),
    ins('LA', 14, 0, 15), ins('SHR', 14, 28), ins('AND', 14, 7), ins('OUT', 14, 0),
    ins('L', 11, 40), ins('ADD', 11, 1), ins('ST', 11, 40),
    ins('LA', 10, -40, 11), ins('BZ', 10, 86),
    ins('LA', 13, -5, 14), ins('BZ', 13, 80),
    ins('LA', 12, 1), ins('SHL', 12, 16), ins('ADD', 15, 0, 12), ins('JMP', 0, 82),
  ],
  80: [ins('LA', 12, 23), ins('STIM', 12), ins('ST', 15, 41), ins('LPSW', 0, 41)],
  86: ins('HALT'),
}

/** User code with every cause, at the user's address 0. */
const userCode: readonly number[] = [
  ins('LA', 1, 5), ins('SVC', 0, 7), ins('DIV', 1, 0), ins('UNDEFINED'), ins('LRB', 1), ins('HALT'), ins('STIM', 1),
  ins('L', 2, 100), ins('ST', 2, 63), ins('L', 2, 64), ins('IN', 2, 0), ins('OUT', 2, 0), ins('RTIM', 3), ins('SRB', 3),
  ins('LPSW', 0, 20), ins('ADD', 4, 1), ins('JMP', 0, 0),
]

/** Each privileged instruction in supervisor mode, each device, a call from supervisor mode, then user code. */
export const tour: Program = {
  ...handler,
  16: [
    ins('LA', 1, 65), ins('OUT', 1, 0), ins('IN', 2, 0), ins('IN', 2, 0), ins('IN', 2, 0),
    ins('LA', 3, 3), ins('OUT', 3, 1), ins('LA', 4, -77), ins('OUT', 4, 2), ins('OUT', 3, 1), ins('IN', 5, 2), ins('IN', 6, 1),
    ins('LA', 3, 1000), ins('OUT', 3, 1), ins('IN', 7, 2), ins('OUT', 7, 2), ins('IN', 6, 1), ins('IN', 8, 9), ins('JMP', 0, 48),
  ],
  48: [
    ins('OUT', 8, 9), ins('SRB', 9), ins('LRB', 9), ins('SVC'), ins('LA', 10, 37), ins('STIM', 10), ins('RTIM', 11),
    ins('LPSW', 0, 3000), ins('LPSW', 0, 42),
  ],
  42: psw(user, 0, 8, 4),
  128: userCode,
}

/** User code whose bound reaches past the machine's storage. */
const clipped: Program = {
  ...handler,
  16: ins('LPSW', 0, 42),
  42: psw(user, 0, 8, 200),
  128: [ins('L', 1, 127), ins('L', 1, 128), ins('ST', 1, 129), ins('L', 1, 3000), ins('JMP', 0, 128)],
}

/** A relocation past the machine's storage: nothing can be fetched, by the supervisor or by the user. */
const outside: Program = {
  ...handler,
  16: [ins('LA', 1, 0x1704), ins('LRB', 1), ins('HALT')],
}
const outsideUser: Program = {
  ...handler,
  16: ins('LPSW', 0, 42),
  42: psw(user, 0, 0xff, 0xff),
}

/** A timer that runs out in supervisor mode waits for user mode; it is started again while it waits. */
const masked: Program = {
  ...handler,
  16: [
    ins('LA', 1, 3), ins('STIM', 1), ins('ADD', 2, 1), ins('ADD', 2, 1), ins('RTIM', 3), ins('ADD', 2, 1),
    ins('STIM', 1), ins('ADD', 2, 1), ins('ADD', 2, 1), ins('ADD', 2, 1), ins('ADD', 2, 1), ins('LPSW', 0, 42),
  ],
  42: psw(user, 0, 8, 4),
  128: [ins('ADD', 4, 1), ins('ADD', 4, 1), ins('JMP', 0, 0)],
}

/** Code that rewrites itself, then runs user code that rewrites itself and relocated supervisor code. */
const rewriting: Program = {
  ...handler,
  16: [ins('L', 1, 43), ins('ST', 1, 18), ins('HALT'), ins('L', 1, 44), ins('ST', 1, 18), ins('LPSW', 0, 42)],
  42: psw(supervisor, 0, 8, 8),
  43: ins('ADD', 5, 9),
  44: ins('SUB', 5, 9),
  128: [
    ins('SRB', 3), ins('L', 1, 8), ins('ST', 1, 4), ins('JAL', 2, 4), ins('HALT'), ins('JMP', 0, 16), ins('HALT'), ins('HALT'),
    ins('OUT', 2, 0),
  ],
  144: [ins('LPSW', 0, 17), psw(user, 34, 8, 8)],
  162: [ins('L', 1, 36), ins('ST', 1, 37), ins('ADD', 6, 1), ins('SVC'), ins('JMP', 0, 34)],
}

export const programs: readonly (readonly [string, Program])[] = [
  ['tour', tour], ['clipped', clipped], ['outside', outside], ['outside as user', outsideUser], ['masked', masked],
  ['rewriting', rewriting],
]
