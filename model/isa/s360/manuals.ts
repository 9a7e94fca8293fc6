// The manuals that the instructions are taken from.
export const s360Manual = 'IBM System/360 Principles of Operation (A22-6821)'
export const model67Manual = 'IBM System/360 Model 67 Functional Characteristics (GA27-2719)'
export const s370Manual = 'IBM System/370 Principles of Operation (GA22-7000-10)'
