/** Vitest 5 reports failures with `Map.groupBy`, which Node 20 lacks: without this a failing test ends in a TypeError. */
Map.groupBy ??= (items, keyOf) => {
  const groups = new Map();
  let index = 0;
  for (const item of items) {
    const key = keyOf(item, index++);
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return groups;
};
