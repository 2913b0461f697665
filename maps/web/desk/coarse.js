// Without a graphics card the processor paints every pixel: until all is there, and while the map moves, a
// quarter of them are painted, which takes half the time; as soon as it rests, all are.
/** @import { Map as LibraryMap } from "maplibre-gl" */

const SOFTWARE = /swiftshader|llvmpipe|softpipe|basic render|software/i;
const COARSE = 0.5;

/** @param {LibraryMap} map one that has painted nothing yet */
export function paintCoarselyInHaste(map) {
  if (!paintsInSoftware(map)) return;
  let coarse = false;
  /** @param {boolean} wanted */
  const paint = (wanted) => {
    if (wanted === coarse) return;
    coarse = wanted;
    setRatio(map, window.devicePixelRatio * (coarse ? COARSE : 1));
  };
  paint(true);
  map.on("movestart", () => paint(true));
  map.on("idle", () => paint(false));
}

/** @param {LibraryMap} map */
function paintsInSoftware(map) {
  const canvas = map.getCanvas();
  const gl = canvas.getContext("webgl2") ?? canvas.getContext("webgl");
  const known = gl?.getExtension("WEBGL_debug_renderer_info");
  return Boolean(gl && known && SOFTWARE.test(String(gl.getParameter(known.UNMASKED_RENDERER_WEBGL))));
}

/**
 * What `setPixelRatio` does without its `resize`, which would end the movement that is under way.
 * @param {LibraryMap} map @param {number} ratio
 */
function setRatio(map, ratio) {
  const { clientWidth: width, clientHeight: height } = map.getContainer();
  const inside = /** @type {any} */ (map);
  inside._overridePixelRatio = ratio;
  inside._resizeCanvas(width, height, ratio);
  inside.painter.resize(width, height, ratio);
  map.triggerRepaint();
}
