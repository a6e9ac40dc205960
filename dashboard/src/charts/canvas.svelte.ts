// A drawing by ECharts in an element: loaded when first needed, as large as the element, in the theme's colours.

import type { EChartsCoreOption, EChartsType } from "echarts/core";
import { theme } from "$lib/theme.svelte";

export type Option = EChartsCoreOption;

let library: Promise<typeof import("./echarts")> | undefined;

/** Fetch the library. The first chart that is drawn does so: to read it takes as long as to show the numbers beside it. */
export const loadCharts = (): Promise<typeof import("./echarts")> => (library ??= import("./echarts"));

/**
 * For `{@attach drawn(option, ready)}`: draws `option()` into the element whenever what it reads changes, and again
 * when the element's size does. `ready` gets the chart, to listen to its events. Whatever ECharts shows of a user's
 * data goes through its canvas, or through a tooltip made of DOM nodes (`tooltipNode`), never through HTML.
 */
export function drawn(option: () => Option, ready?: (chart: EChartsType) => void): (element: HTMLElement) => () => void {
  return (element) => {
    let chart: EChartsType | undefined;
    let isGone = false;
    let latest: Option = {};
    const resizing = new ResizeObserver(() => chart?.resize());
    void loadCharts().then(({ init }) => {
      if (isGone) return;
      chart = init(element, null, { renderer: "canvas" });
      chart.setOption(latest, { notMerge: true });
      resizing.observe(element);
      ready?.(chart);
    });
    $effect(() => {
      latest = option();
      chart?.setOption(latest, { notMerge: true });
      // A page is printed before the next frame.
      if (theme.isPrinted) chart?.getZr().flush();
    });
    return () => {
      isGone = true;
      resizing.disconnect();
      chart?.dispose();
    };
  };
}

export interface TooltipLine {
  name: string;
  value: string;
  /** A CSS colour of the mark before the name; none without. */
  colour?: string;
  isDashed?: boolean;
}

/** A tooltip as DOM nodes, so that no text of a user is ever read as HTML. */
export function tooltipNode(title: string, lines: TooltipLine[], notes: string[] = []): HTMLElement {
  const root = node("div", "chart-tip");
  root.append(node("div", "chart-tip-title", title));
  for (const { name, value, colour, isDashed } of lines) {
    const line = node("div", "chart-tip-line");
    if (colour) {
      const mark = node("i", isDashed ? "dashed" : "");
      mark.style.color = colour;
      line.append(mark);
    }
    line.append(node("span", "", name), node("b", "", value));
    root.append(line);
  }
  for (const note of notes) root.append(node("div", "chart-tip-note", note));
  return root;
}

function node(tag: string, className: string, text = ""): HTMLElement {
  const made = document.createElement(tag);
  if (className) made.className = className;
  made.textContent = text;
  return made;
}
