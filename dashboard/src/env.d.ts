/// <reference types="svelte" />
/// <reference types="vite/client" />

declare module "virtual:world" {
  /** The world map: an SVG path per country code, and a point for each country too small for a shape. */
  const world: {
    width: number;
    height: number;
    shapes: Record<string, string>;
    dots: Record<string, [number, number]>;
  };
  export default world;
}
