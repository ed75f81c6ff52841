/** As the contract has it; importing it from there would bring every schema of the contract along. */
export const PASSWORD_CHARACTERS_MIN = 12;
