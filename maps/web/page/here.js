// What lies at a place of the map: its cells, and the layers that are switched on.

const NEAR_PX = 8;

export function inRing(place, ring) {
  let inside = false;
  for (let a = 0, b = ring.length - 1; a < ring.length; b = a++) {
    const [ya, xa] = ring[a], [yb, xb] = ring[b];
    if (ya > place[0] !== yb > place[0] && place[1] < ((xb - xa) * (place[0] - ya)) / (yb - ya) + xa) inside = !inside;
  }
  return inside;
}

export function inPolygon(place, rings) {
  return inRing(place, rings[0]) && !rings.slice(1).some((hole) => inRing(place, hole));
}

// The position of the cell of a level that holds the place, -1 without one.
export function cellHere(level, place) {
  return level.parts.findIndex((polygons, at) =>
    level.bounds[at]?.contains(place) && polygons.some((rings) => inPolygon(place, rings)));
}

// The nearest feature of a layer within a few pixels, or the first area that holds the place; -1 without one.
export function featureHere(map, layer, place) {
  const at = map.latLngToLayerPoint(place);
  let best = -1, least = NEAR_PX;
  for (const { dimension, features } of layer.shapes) {
    features.forEach((parts, feature) => {
      const far = dimension === 2 ? (parts.some((rings) => inPolygon(place, rings)) ? 0 : Infinity)
        : dimension === 1 ? Math.min(...parts.map((line) => lineDistance(map, at, place, line)))
          : Math.min(...parts.map((point) => at.distanceTo(map.latLngToLayerPoint(point))));
      if (far < least) [best, least] = [feature, far];
    });
  }
  return best;
}

function lineDistance(map, at, place, line) {
  const margin = (NEAR_PX * 360) / (256 * 2 ** map.getZoom());
  let least = Infinity;
  for (let end = 1; end < line.length; end++) {
    if (beyond(place, line[end - 1], line[end], margin)) continue;
    const [a, b] = [map.latLngToLayerPoint(line[end - 1]), map.latLngToLayerPoint(line[end])];
    least = Math.min(least, L.LineUtil.pointToSegmentDistance(at, a, b));
  }
  return least;
}

function beyond(place, a, b, margin) {
  return [0, 1].some((axis) => place[axis] < Math.min(a[axis], b[axis]) - margin || place[axis] > Math.max(a[axis], b[axis]) + margin);
}
