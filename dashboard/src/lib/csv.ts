// CSV files of what is on the screen.

type Cell = string | number | null | undefined;

/** Offers the rows as a file. Cells that a spreadsheet would take for a formula get an apostrophe in front. */
export function downloadCsv(name: string, header: string[], rows: Cell[][]): void {
  const text = [header, ...rows].map((row) => row.map(cell).join(",")).join("\r\n");
  download(name.endsWith(".csv") ? name : `${name}.csv`, new Blob([`\ufeff${text}\r\n`], { type: "text/csv" }));
}

/** Offers anything as a file. */
export function download(name: string, blob: Blob): void {
  const anchor = document.createElement("a");
  anchor.href = URL.createObjectURL(blob);
  anchor.download = name;
  anchor.click();
  setTimeout(() => URL.revokeObjectURL(anchor.href), 1000);
}

function cell(value: Cell): string {
  if (typeof value === "number") return String(value);
  const text = value ?? "";
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
