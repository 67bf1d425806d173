/**
 * Something that the person at the command line can put right: it is printed in one or two lines without a
 * stack, and ends the run without a verdict. Whatever of it comes from outside goes through `quote` first.
 */
export class OperatorError extends Error {
  override readonly name = 'OperatorError';
}
