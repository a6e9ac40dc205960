// Pictures of answers. What ECharts has drawn is taken as it is; tables of numbers are painted on a canvas of their own.

import { loadCharts } from "$charts/canvas.svelte";
import { colours } from "$lib/theme.svelte";

const SCALE = 2;
const FONT = '"Inter Variable", system-ui, sans-serif';

/** What ECharts has drawn within an element; undefined if that is nothing. */
export async function chartPicture(root: HTMLElement | undefined): Promise<string | undefined> {
  const element = root?.querySelector<HTMLElement>("[_echarts_instance_]");
  const { getInstanceByDom } = await loadCharts();
  const [surface = "#fff"] = colours("--surface");
  return element ? getInstanceByDom(element)?.getDataURL({ type: "png", pixelRatio: SCALE, backgroundColor: surface }) : undefined;
}

export interface GridCell {
  text: string;
  /** From 0 to 1: how dark the cell is; undefined: not at all. */
  share?: number;
}

/** A table of numbers, the darker the larger. The first column is text. */
export function gridPicture(title: string, header: string[], rows: GridCell[][]): string {
  const [width, height, first, top] = [74, 32, 190, 64];
  const columns = header.length;
  return paint(first + (columns - 1) * width + 32, top + rows.length * height + 24, title, (context, ink) => {
    const x = (column: number): number => 16 + (column ? first + (column - 1) * width : 0);
    context.font = `12px ${FONT}`;
    header.forEach((text, column) => write(context, ink.faint, text, x(column) + (column ? width / 2 : 0), top - 10, column ? "center" : "left"));
    rows.forEach((row, line) =>
      row.forEach((cell, column) => {
        const [left, y] = [x(column), top + line * height];
        if (cell.share !== undefined && column) {
          context.fillStyle = ink.accent;
          context.globalAlpha = 0.06 + 0.54 * cell.share;
          context.fillRect(left + 1, y + 1, width - 2, height - 2);
          context.globalAlpha = 1;
        }
        write(context, ink.text, cell.text, left + (column ? width / 2 : 0), y + height / 2, column ? "center" : "left");
      }),
    );
  });
}

export interface PictureBar {
  label: string;
  value: string;
  note: string;
  /** From 0 to 1. */
  share: number;
}

/** Bars side by side. */
export function barPicture(title: string, bars: PictureBar[]): string {
  const [width, height, top] = [150, 300, 72];
  return paint(Math.max(420, bars.length * width + 32), top + height + 84, title, (context, ink) => {
    bars.forEach((bar, at) => {
      const left = 16 + at * width;
      const tall = Math.max(2, bar.share * height);
      context.fillStyle = ink.inset;
      context.fillRect(left + 8, top, width - 16, height);
      context.fillStyle = ink.accent;
      context.fillRect(left + 8, top + height - tall, width - 16, tall);
      context.font = `600 14px ${FONT}`;
      write(context, ink.text, bar.value, left + width / 2, top + height + 20, "center");
      context.font = `12px ${FONT}`;
      write(context, ink.text, shorten(context, bar.label, width - 12), left + width / 2, top + height + 42, "center");
      write(context, ink.faint, bar.note, left + width / 2, top + height + 62, "center");
    });
  });
}

type Ink = Record<"text" | "faint" | "accent" | "inset", string>;

function paint(width: number, height: number, title: string, draw: (context: CanvasRenderingContext2D, ink: Ink) => void): string {
  const [text = "", faint = "", accent = "", surface = "", inset = ""] = colours("--text", "--text-3", "--accent", "--surface", "--inset");
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [width * SCALE, height * SCALE];
  const context = canvas.getContext("2d");
  if (!context) return "";
  context.scale(SCALE, SCALE);
  context.fillStyle = surface;
  context.fillRect(0, 0, width, height);
  context.textBaseline = "middle";
  context.font = `600 15px ${FONT}`;
  write(context, text, title, 16, 24, "left");
  draw(context, { text, faint, accent, inset });
  return canvas.toDataURL("image/png");
}

function write(context: CanvasRenderingContext2D, colour: string, text: string, x: number, y: number, align: CanvasTextAlign): void {
  context.fillStyle = colour;
  context.textAlign = align;
  context.fillText(text, x, y);
}

function shorten(context: CanvasRenderingContext2D, text: string, width: number): string {
  if (context.measureText(text).width <= width) return text;
  let length = text.length;
  while (length > 1 && context.measureText(`${text.slice(0, length)}…`).width > width) length -= 1;
  return `${text.slice(0, length)}…`;
}
