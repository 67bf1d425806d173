/** The fault of that name, or a TypeError that lists the names there are. */
export function requireFault<Fault>(faults: Readonly<Record<string, Fault>>, name: string): Fault {
  const fault = Object.hasOwn(faults, name) ? faults[name] : undefined;
  if (fault === undefined) throw new TypeError(`there is no such fault; there are ${Object.keys(faults).join(', ')}`);
  return fault;
}
