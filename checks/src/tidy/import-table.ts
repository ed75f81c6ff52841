const THE_FOUR = ["audit", "identity", "projects", "lineage"];

/** Which front doors each module may import: the table of ARCHITECTURE.md, read as people read it. */
export function readImportTable(architecture: string): Map<string, Set<string>> {
  const start = architecture.search(/^\| Module \| May import \|/m);
  if (start < 0) throw new Error("ARCHITECTURE.md has no table that begins with | Module | May import |.");
  const table = new Map<string, Set<string>>();
  for (const line of architecture.slice(start).split("\n").slice(2)) {
    const cells = line.split("|").map((cell) => cell.trim());
    const [, module, allowed] = cells;
    if (!line.startsWith("|") || module === undefined || allowed === undefined) break;
    table.set(module, new Set(allowed.split(",").flatMap((name) => neighbours(name.trim()))));
  }
  for (const [module, allowed] of table) {
    for (const name of allowed) {
      if (!table.has(name))
        throw new Error(`ARCHITECTURE.md: ${module} may import '${name}', which has no row.`);
    }
  }
  return table;
}

function neighbours(name: string): string[] {
  if (name === "nothing") return [];
  return name === "the four" ? THE_FOUR : [name];
}
