// The ways of visits as a drawing of what follows what: nodes at steps, links between neighbours.

import type { FlowAnswer, WayRow } from "../requests";

/** Pages and events as visits begin with them, or only events around a given one. */
export const BY = ["pages", "events"] as const;
export const MODES = ["after", "before", "between"] as const;
export const STEPS = ["3", "4", "5", "6", "7"] as const;
export const DEFAULT_STEPS = "5";

export interface FlowNode {
  /** Unique. */
  id: string;
  name: string;
  /** From 1. */
  step: number;
  value: number;
}

export interface FlowLink {
  source: string;
  target: string;
  value: number;
}

export interface Flow {
  nodes: FlowNode[];
  links: FlowLink[];
  /** Visits that began. */
  total: number;
}

export interface Way {
  items: string[];
  count: number;
}

const OTHERS = "";

/** The ways without what stands for an end; those that then look the same are one. */
export function waysOf(rows: WayRow[]): Way[] {
  const found = new Map<string, Way>();
  for (const { items, count } of rows) {
    const way = items.filter((item) => item !== null);
    const key = JSON.stringify(way);
    if (way.length) found.set(key, { items: way, count: count + (found.get(key)?.count ?? 0) });
  }
  return [...found.values()].toSorted((one, other) => other.count - one.count);
}

/** The flow of ways: at each step the most frequent, and the others as one node, whose name is ''. */
export function flowOfWays(ways: Way[], most: number): Flow {
  const counts: Map<string, number>[] = [];
  for (const { items, count } of ways)
    items.forEach((item, at) => {
      const step = (counts[at] ??= new Map());
      step.set(item, (step.get(item) ?? 0) + count);
    });
  const kept = counts.map((step) => new Set([...step].toSorted((one, other) => other[1] - one[1]).slice(0, most).map(([item]) => item)));
  const nameAt = (item: string, at: number): string => (kept[at]?.has(item) ? item : OTHERS);
  const nodes = new Map<string, FlowNode>();
  const links = new Map<string, FlowLink>();
  const add = (item: string, at: number, count: number): string => {
    const name = nameAt(item, at);
    const id = `${at} ${name}`;
    const node = nodes.get(id) ?? { id, name, step: at + 1, value: 0 };
    nodes.set(id, { ...node, value: node.value + count });
    return id;
  };
  for (const { items, count } of ways) {
    let before = "";
    items.forEach((item, at) => {
      const id = add(item, at, count);
      if (before) {
        const key = `${before}\n${id}`;
        links.set(key, { source: before, target: id, value: (links.get(key)?.value ?? 0) + count });
      }
      before = id;
    });
  }
  return { nodes: [...nodes.values()], links: [...links.values()], total: ways.reduce((sum, way) => sum + way.count, 0) };
}

/** The flow that the API tells of events. */
export function flowOfEvents({ nodes, links }: FlowAnswer): Flow {
  const total = Math.max(0, ...nodes.map((node) => node.value));
  return { nodes: nodes.map(({ id, label, step, value }) => ({ id, name: label, step, value })), links, total };
}
