import type { Reduce } from "../contract";
import { BAD, NEGATIVE_INFINITY, OVER, POSITIVE_INFINITY, UNDER } from "./colourmaps";
import { THRESHOLDS, UNSURE } from "./levels";

/** How a texture is read: unsigned and signed integers, floats, and colour of three or four unsigned channels. */
export type SamplerKind = "uint" | "int" | "float" | "colour";

/** One triangle that covers the canvas; where the picture lies is the fragment shader's business. */
export const VERTEX_SHADER = `#version 300 es
void main() {
  gl_Position = vec4(float(gl_VertexID % 2) * 4.0 - 1.0, float(gl_VertexID / 2) * 4.0 - 1.0, 0.0, 1.0);
}
`;

/**
 * The rule of render/levels.ts and the maps of render/view.ts, in the same order of operations. A block of pixels is
 * drawn by the tile that its first pixel belongs to, whose texture holds enough of the next one (render/textures.ts).
 */
export function fragmentShader(kind: SamplerKind, reduce: Reduce): string {
  const sampler = { uint: "usampler2D", int: "isampler2D", float: "sampler2D", colour: "usampler2D" }[kind];
  return `#version 300 es
precision highp float;
precision highp int;
precision highp sampler2D;
precision highp usampler2D;
precision highp isampler2D;
uniform ${sampler} u_picture;
uniform sampler2D u_colours;
uniform sampler2D u_thresholds;
uniform bool u_searched;
uniform vec2 u_size;
uniform vec2 u_origin;
uniform vec2 u_inverse;
uniform bool u_transpose;
uniform ivec2 u_sign;
uniform ivec2 u_add;
uniform ivec2 u_count;
uniform int u_binning;
uniform ivec4 u_tile;
uniform ivec2 u_held;
uniform ${kind === "int" ? "int" : "uint"} u_base;
uniform float u_offset;
uniform float u_factor;
uniform float u_top;
out vec4 colour;

float boundary(int at) {
  return texelFetch(u_thresholds, ivec2(at, 0), 0).r;
}

int passed(float x) {
  int index = 0;
  for (int step = ${THRESHOLDS / 2}; step > 0; step >>= 1) {
    if (boundary(index + step - 1) <= x) index += step;
  }
  return index;
}

int indexOf(float x) {
  if (u_searched) return passed(x);
  float t = (x - u_offset) * u_factor;
  int near = t > 0.0 ? (t < 255.0 ? int(floor(t)) : 255) : 0;
  float beyond = t - float(near);
  if (beyond > ${UNSURE} && beyond < ${1 - UNSURE}) return near;
  if (x >= boundary(near)) return near + 1;
  return near > 0 && x < boundary(near - 1) ? near - 1 : near;
}

int placeOf(float x) {
  if (x < u_offset) return ${UNDER};
  if (x > u_top) return ${OVER};
  return indexOf(x);
}

int shade(float x) {
  return x > u_offset ? indexOf(x) : 0;
}

void show(int place) {
  colour = vec4(texelFetch(u_colours, ivec2(place, 0), 0).rgb, 1.0);
}

void main() {
  vec2 place = vec2(gl_FragCoord.x, u_size.y - gl_FragCoord.y);
  ${reduce === "nearest" ? NEAREST + SHOW[kind] : BLOCK + REDUCED[kind][reduce]}
}
`;
}

const NEAREST = `ivec2 shown = ivec2(floor((place - u_origin) * u_inverse));
  ivec2 pixel = u_sign * (u_transpose ? shown.yx : shown) + u_add;
  if (any(lessThan(pixel, ivec2(0))) || any(greaterThanEqual(pixel, u_count))) discard;
  ivec2 at = pixel / u_binning - u_tile.xy;
  if (any(lessThan(at, ivec2(0))) || any(greaterThanEqual(at, u_tile.zw))) discard;
  `;

const BLOCK = `vec2 edge = (place + 0.5 - u_origin) * u_inverse;
  ivec2 near = ivec2(floor((place - 0.5 - u_origin) * u_inverse));
  bvec2 end = greaterThan(place + 1.0, u_size);
  ivec2 far = max(ivec2(end.x ? ceil(edge.x) : floor(edge.x), end.y ? ceil(edge.y) : floor(edge.y)), near + 1);
  if (u_transpose) {
    near = near.yx;
    far = far.yx;
  }
  ivec2 first = max(ivec2(u_sign.x > 0 ? near.x + u_add.x : u_add.x - far.x + 1,
                          u_sign.y > 0 ? near.y + u_add.y : u_add.y - far.y + 1), ivec2(0));
  ivec2 last = min(ivec2(u_sign.x > 0 ? far.x + u_add.x : u_add.x - near.x + 1,
                         u_sign.y > 0 ? far.y + u_add.y : u_add.y - near.y + 1), u_count);
  if (any(greaterThanEqual(first, last))) discard;
  ivec2 from = first / u_binning - u_tile.xy;
  if (any(lessThan(from, ivec2(0))) || any(greaterThanEqual(from, u_tile.zw))) discard;
  ivec2 to = min((last - 1) / u_binning + 1 - u_tile.xy, u_held);
  `;

const SHOW_UINT = `show(value < u_base ? ${UNDER} : placeOf(float(value - u_base)));`;
const SHOW_INT = `show(value < u_base ? ${UNDER} : placeOf(float(uint(value) - uint(u_base))));`;
const SHOW_PARTS = "colour = vec4(vec3(shade(x.r), shade(x.g), shade(x.b)) / 255.0, 1.0);";
const SHOW_COLOUR = `vec3 x = vec3(value - min(value, uvec3(u_base)));
  ${SHOW_PARTS}`;

const SHOW: Record<SamplerKind, string> = {
  uint: `uint value = texelFetch(u_picture, at, 0).r;
  ${SHOW_UINT}`,
  int: `int value = texelFetch(u_picture, at, 0).r;
  ${SHOW_INT}`,
  // Compilers may take isnan() for false; the bits cannot be argued away.
  float: `float value = texelFetch(u_picture, at, 0).r;
  uint bits = floatBitsToUint(value);
  if ((bits & 0x7fffffffu) > 0x7f800000u) show(${BAD});
  else if (bits == 0x7f800000u) show(${POSITIVE_INFINITY});
  else if (bits == 0xff800000u) show(${NEGATIVE_INFINITY});
  else show(placeOf(value));`,
  colour: `uvec3 value = texelFetch(u_picture, at, 0).rgb;
  ${SHOW_COLOUR}`,
};

/** Runs over the block, (x, y) in the texture. */
function overBlock(body: string): string {
  return `for (int y = from.y; y < to.y; y++) {
    for (int x = from.x; x < to.x; x++) {
      ${body}
    }
  }
  `;
}

const LARGEST = "value = max(value, texelFetch(u_picture, ivec2(x, y), 0).r);";
const PIXELS = "float((to.x - from.x) * (to.y - from.y))";
/** Sums are of distances from the base, so that they stay small. */
function meanOf(distance: string): string {
  return `float sum = 0.0;
  ${overBlock(distance)}show(placeOf(sum / ${PIXELS}));`;
}

const FLOAT_MAX = "3.4028234663852886e38";
const IS_FINITE = "(floatBitsToUint(pixel) & 0x7f800000u) != 0x7f800000u";

const REDUCED: Record<SamplerKind, Record<"mean" | "max", string>> = {
  uint: {
    max: `uint value = 0u;
  ${overBlock(LARGEST)}${SHOW_UINT}`,
    mean: meanOf(`uint pixel = texelFetch(u_picture, ivec2(x, y), 0).r;
      sum += pixel < u_base ? -float(u_base - pixel) : float(pixel - u_base);`),
  },
  int: {
    max: `int value = -2147483647 - 1;
  ${overBlock(LARGEST)}${SHOW_INT}`,
    mean: meanOf(`int pixel = texelFetch(u_picture, ivec2(x, y), 0).r;
      sum += pixel < u_base ? -float(uint(u_base) - uint(pixel)) : float(uint(pixel) - uint(u_base));`),
  },
  float: {
    max: `float value = -${FLOAT_MAX};
  bool found = false;
  ${overBlock(`float pixel = texelFetch(u_picture, ivec2(x, y), 0).r;
      if (${IS_FINITE}) {
        value = max(value, pixel);
        found = true;
      }`)}show(found ? placeOf(value) : ${BAD});`,
    mean: `float sum = 0.0;
  float count = 0.0;
  ${overBlock(`float pixel = texelFetch(u_picture, ivec2(x, y), 0).r;
      if (${IS_FINITE}) {
        sum += pixel - u_offset;
        count += 1.0;
      }`)}show(count > 0.0 ? placeOf(clamp(u_offset + sum / count, -${FLOAT_MAX}, ${FLOAT_MAX})) : ${BAD});`,
  },
  colour: {
    max: `uvec3 value = uvec3(0);
  ${overBlock("value = max(value, texelFetch(u_picture, ivec2(x, y), 0).rgb);")}${SHOW_COLOUR}`,
    mean: `vec3 sum = vec3(0.0);
  ${overBlock("sum += vec3(texelFetch(u_picture, ivec2(x, y), 0).rgb);")}
  vec3 x = max(sum / ${PIXELS} - float(u_base), vec3(0.0));
  ${SHOW_PARTS}`,
  },
};
