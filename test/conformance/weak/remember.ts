/**
 * The same requests are put to every verifier: what a step makes of the same object is remembered, and so is
 * what it throws.
 */
export function remembered<Input extends object, Output>(run: (input: Input) => Output): (input: Input) => Output {
  return rememberedIn(new WeakMap<Input, () => Output>(), run);
}

export function rememberedText<Output>(run: (text: string) => Output): (text: string) => Output {
  return rememberedIn(new Map<string, () => Output>(), run);
}

interface Memory<Input, Output> {
  readonly get: (input: Input) => (() => Output) | undefined;
  readonly set: (input: Input, outcome: () => Output) => unknown;
}

function rememberedIn<Input, Output>(memory: Memory<Input, Output>, run: (input: Input) => Output) {
  return (input: Input): Output => {
    const known = memory.get(input) ?? outcomeOf(() => run(input));
    memory.set(input, known);
    return known();
  };
}

function outcomeOf<Output>(run: () => Output): () => Output {
  try {
    const output = run();
    return () => output;
  } catch (error) {
    return () => {
      throw error;
    };
  }
}
