import { NAN_COLOUR, NEGATIVE_INFINITY_COLOUR, POSITIVE_INFINITY_COLOUR, type Rgb } from "./colourmaps";

/** How a texture is read: unsigned and signed integers, floats, and colour of three or four unsigned channels. */
export type SamplerKind = "uint" | "int" | "float" | "colour";

/** One triangle that covers the canvas; where the picture lies is the fragment shader's business. */
export const VERTEX_SHADER = `#version 300 es
void main() {
  gl_Position = vec4(float(gl_VertexID % 2) * 4.0 - 1.0, float(gl_VertexID / 2) * 4.0 - 1.0, 0.0, 1.0);
}
`;

/** The rule of render/levels.ts and the pixel map of render/view.ts, in the same order of operations. */
export function fragmentShader(kind: SamplerKind): string {
  const sampler = { uint: "usampler2D", int: "isampler2D", float: "sampler2D", colour: "usampler2D" }[kind];
  return `#version 300 es
precision highp float;
precision highp int;
precision highp sampler2D;
precision highp usampler2D;
precision highp isampler2D;
uniform ${sampler} u_picture;
uniform sampler2D u_colours;
uniform float u_height;
uniform vec2 u_origin;
uniform float u_inverse;
uniform ivec4 u_place;
uniform int u_binning;
uniform ivec4 u_tile;
uniform ${kind === "int" ? "int" : "uint"} u_base;
uniform float u_offset;
uniform float u_factor;
out vec4 colour;

int indexOf(float x) {
  float t = (x - u_offset) * u_factor;
  return t > 0.0 ? (t < 255.0 ? int(floor(t + 0.5)) : 255) : 0;
}

void main() {
  vec2 place = vec2(gl_FragCoord.x, u_height - gl_FragCoord.y);
  ivec2 pixel = ivec2(floor((place - u_origin) * u_inverse)) - u_place.xy;
  if (any(lessThan(pixel, ivec2(0))) || any(greaterThanEqual(pixel, u_place.zw))) discard;
  ivec2 at = pixel / u_binning - u_tile.xy;
  if (any(lessThan(at, ivec2(0))) || any(greaterThanEqual(at, u_tile.zw))) discard;
  ${BODIES[kind]}
}
`;
}

const LOOK_UP = "colour = vec4(texelFetch(u_colours, ivec2(index, 0), 0).rgb, 1.0);";

const BODIES: Record<SamplerKind, string> = {
  uint: `uint value = texelFetch(u_picture, at, 0).r;
  int index = indexOf(value > u_base ? float(value - u_base) : 0.0);
  ${LOOK_UP}`,
  int: `int value = texelFetch(u_picture, at, 0).r;
  int index = indexOf(value > u_base ? float(uint(value) - uint(u_base)) : 0.0);
  ${LOOK_UP}`,
  // Compilers may take isnan() for false; the bits cannot be argued away.
  float: `float value = texelFetch(u_picture, at, 0).r;
  uint bits = floatBitsToUint(value);
  if ((bits & 0x7fffffffu) > 0x7f800000u) colour = ${vec4(NAN_COLOUR)};
  else if (bits == 0x7f800000u) colour = ${vec4(POSITIVE_INFINITY_COLOUR)};
  else if (bits == 0xff800000u) colour = ${vec4(NEGATIVE_INFINITY_COLOUR)};
  else {
    int index = indexOf(value);
    ${LOOK_UP}
  }`,
  colour: `uvec3 value = texelFetch(u_picture, at, 0).rgb;
  vec3 x = vec3(value - min(value, uvec3(u_base)));
  colour = vec4(float(indexOf(x.r)) / 255.0, float(indexOf(x.g)) / 255.0, float(indexOf(x.b)) / 255.0, 1.0);`,
};

function vec4([red, green, blue]: Rgb): string {
  return `vec4(${[red, green, blue].map((part) => (part / 255).toFixed(8)).join(", ")}, 1.0)`;
}
