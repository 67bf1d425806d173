import { quote } from './printable.ts';

/** A value that has not the shape that was asked for; the message names the place and is safe to print. */
export class ShapeFault extends Error {
  override readonly name = 'ShapeFault';
}

/** Checks a JSON value, and throws a `ShapeFault` if it has another shape. `where` names the value in the message. */
export type Shape = (value: unknown, where: string) => void;

/** A text that matches; `what` says what it must be. */
export function text(pattern?: RegExp, what = 'a text'): Shape {
  return (value, where) => {
    if (typeof value !== 'string' || pattern?.test(value) === false) throw new ShapeFault(`${where} must be ${what}`);
  };
}

/** A text that is not empty. */
export const words: Shape = (value, where) => {
  if (typeof value !== 'string' || value === '') throw new ShapeFault(`${where} must be a text that is not empty`);
};

export function oneOf(names: readonly string[]): Shape {
  return (value, where) => {
    if (!names.includes(value as string)) throw new ShapeFault(`${where} must be one of ${names.join(', ')}`);
  };
}

export function orNull(shape: Shape): Shape {
  return (value, where) => {
    if (value !== null) shape(value, where);
  };
}

export function listOf(shape: Shape, minimum = 0): Shape {
  return (value, where) => {
    if (!Array.isArray(value)) throw new ShapeFault(`${where} must be an array`);
    if (value.length < minimum) throw new ShapeFault(`${where} must not be empty`);
    value.forEach((item, index) => shape(item, `${where}[${index}]`));
  };
}

/** A list in which no value occurs twice. */
export function setOf(shape: Shape, minimum: number): Shape {
  const list = listOf(shape, minimum);
  return (value, where) => {
    list(value, where);
    const items = value as readonly unknown[];
    if (new Set(items).size !== items.length) throw new ShapeFault(`${where} must not hold a value twice`);
  };
}

/** The shapes of the members of an object, by name. */
export type Members = Readonly<Record<string, Shape>>;

/** An object with all of the first members, perhaps some of the others, and nothing else. */
export function record(required: Members, optional: Members = {}): Shape {
  const shapes = new Map(Object.entries({ ...optional, ...required }));
  return (value, where) => {
    const members = entriesOf(value, where);
    for (const name of Object.keys(required))
      if (!members.has(name)) throw new ShapeFault(`${where} must have a member ${name}`);
    members.forEach((member, name) => {
      const shape = shapes.get(name);
      if (shape === undefined) throw new ShapeFault(`${where} has an unknown member ${quote(name)}`);
      shape(member, `${where}.${name}`);
    });
  };
}

/** The members of an object as a map: one named like a member of every object is a member like any other. */
export function entriesOf(value: unknown, where: string): ReadonlyMap<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ShapeFault(`${where} must be an object`);
  return new Map(Object.entries(value));
}
