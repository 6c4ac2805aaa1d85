// The product pictures, drawn by hand as shapes on a 400 x 400 field: a tinted wall, a floor shadow, and
// the thing itself in a few flat tones with one light from the upper left.

const ink = "#2b2a27";

/** A picture around `shapes`: wall colour, and a floor shadow of the given centre and width. */
export function picture(wall, shadow, shapes) {
  const floor = shadow
    ? `<ellipse cx="${shadow[0]}" cy="${shadow[2] ?? 322}" rx="${shadow[1]}" ry="${Math.round(shadow[1] / 9)}" fill="#000" opacity=".13"/>`
    : "";
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400" width="400" height="400">` +
    `<rect width="400" height="400" fill="${wall}"/>` +
    `<path d="M0 0H400V150Q200 40 0 190Z" fill="#fff" opacity=".18"/>` +
    `${floor}${shapes}</svg>\n`
  );
}

const p = (d, fill, extra = "") => `<path d="${d}" fill="${fill}"${extra && " " + extra}/>`;
const line = (d, stroke, width = 6, extra = "") =>
  `<path d="${d}" fill="none" stroke="${stroke}" stroke-width="${width}" stroke-linecap="round" stroke-linejoin="round"${extra && " " + extra}/>`;
const circle = (x, y, r, fill, extra = "") => `<circle cx="${x}" cy="${y}" r="${r}" fill="${fill}"${extra && " " + extra}/>`;
const oval = (x, y, rx, ry, fill, extra = "") =>
  `<ellipse cx="${x}" cy="${y}" rx="${rx}" ry="${ry}" fill="${fill}"${extra && " " + extra}/>`;
const box = (x, y, w, h, fill, r = 0, extra = "") =>
  `<rect x="${x}" y="${y}" width="${w}" height="${h}" rx="${r}" fill="${fill}"${extra && " " + extra}/>`;
const turn = (degrees, x, y, shapes) => `<g transform="rotate(${degrees} ${x} ${y})">${shapes}</g>`;
const shade = (d) => p(d, "#000", 'opacity=".1"');
const shine = (d) => p(d, "#fff", 'opacity=".28"');

/** A clay pot with a rim, standing on the floor at `y`. */
function pot(x, y, width, height, colour, rim) {
  const half = width / 2;
  const foot = half * 0.7;
  return (
    p(`M${x - half} ${y - height}L${x - foot} ${y}H${x + foot}L${x + half} ${y - height}Z`, colour) +
    shade(`M${x + half * 0.25} ${y - height}L${x + foot * 0.3} ${y}H${x + foot}L${x + half} ${y - height}Z`) +
    box(x - half - 8, y - height - 16, width + 16, 26, rim, 6)
  );
}

/** A leaf from (x, y), `length` long, pointing up, turned by `degrees`. */
function leaf(x, y, length, width, degrees, colour, vein) {
  const shape =
    p(`M${x} ${y}C${x - width} ${y - length * 0.3} ${x - width * 0.8} ${y - length * 0.8} ${x} ${y - length}` +
      `C${x + width * 0.8} ${y - length * 0.8} ${x + width} ${y - length * 0.3} ${x} ${y}Z`, colour) +
    (vein ? line(`M${x} ${y}V${y - length * 0.85}`, vein, 2.5) : "");
  return turn(degrees, x, y, shape);
}

export const art = {
  mug({ body, glaze }) {
    return (
      line("M265 190C330 180 330 275 258 268", body, 20) +
      p("M128 152H272V262C272 300 250 322 200 322S128 300 128 262Z", body) +
      p("M128 152H272V214C255 232 240 206 222 220S190 244 172 222S140 232 128 216Z", glaze) +
      oval(200, 152, 72, 15, "#5a3d2b") + line("M128 152A72 15 0 0 0 272 152A72 15 0 0 0 128 152", glaze, 6) +
      shade("M228 168H272V262C272 300 250 322 212 322C238 300 236 220 228 168Z") +
      shine("M142 182H156V262Q157 282 166 296Q142 286 142 258Z") +
      line("M182 122C168 104 196 94 184 72", "#fff", 6, 'opacity=".7"') + line("M222 126C208 106 236 98 224 78", "#fff", 6, 'opacity=".7"')
    );
  },
  teapot({ body, glaze }) {
    return (
      line("M112 200C50 190 60 290 128 278", body, 18) +
      p("M276 220C318 214 316 164 350 152L360 170C346 186 344 262 282 278Z", body) +
      oval(202, 244, 96, 80, body) + p("M112 216A96 80 0 0 1 292 216C262 236 244 208 222 226S178 244 156 224S124 232 112 216Z", glaze) +
      p("M146 172Q202 130 258 172Q202 188 146 172Z", body) + circle(202, 142, 14, glaze) +
      shade("M238 170A96 80 0 0 1 230 320C272 290 268 214 238 170Z") +
      shine("M130 214C124 250 136 284 158 300C146 274 144 240 150 212Z")
    );
  },
  bowl({ body, glaze }) {
    return (
      p("M84 196H316C316 270 272 316 236 318H164C128 316 84 270 84 196Z", body) +
      oval(200, 196, 116, 26, glaze) + oval(200, 200, 98, 18, "#000", 'opacity=".16"') +
      line("M94 236Q200 268 306 236", glaze, 6) + line("M106 260Q200 290 294 260", glaze, 4) +
      shade("M250 214C254 262 240 300 214 318H236C272 316 316 270 316 196Q292 210 250 214Z") +
      box(164, 312, 72, 10, glaze, 4)
    );
  },
  vase({ body, glaze }) {
    const grass = "#a98455";
    const stems = [[-26, 150, 96], [-10, 176, 70], [6, 190, 52], [22, 160, 84]];
    return (
      stems.map(([bend, , top]) => line(`M200 190Q${200 + bend} 140 ${200 + bend * 2.4} ${top}`, grass, 4)).join("") +
      stems.map(([bend, , top]) => turn(bend * 1.1, 200 + bend * 2.4, top, oval(200 + bend * 2.4, top - 14, 8, 30, "#c9a46c"))).join("") +
      p("M176 168H224C220 204 262 216 262 262C262 300 240 322 200 322S138 300 138 262C138 216 180 204 176 168Z", body) +
      p("M150 232C176 244 224 244 250 232Q262 246 262 262L262 270C230 284 170 284 138 270L138 262Q138 246 150 232Z", glaze) +
      oval(200, 168, 24, 6, "#000", 'opacity=".25"') +
      shade("M222 200C246 224 250 290 214 321C250 318 262 296 262 262C262 216 220 204 224 168Z") +
      shine("M152 244C148 270 154 292 168 304C160 284 160 262 166 240Z")
    );
  },
  plates({ body, glaze }) {
    const stack = [312, 292, 272, 252].map((y, index) =>
      oval(200, y, 122, 26, index % 2 ? glaze : body) + oval(200, y - 6, 122, 26, index % 2 ? body : "#fff") +
      oval(200, y - 6, 122, 26, index % 2 ? glaze : body, 'opacity=".75"')).join("");
    return (
      stack + oval(200, 246, 86, 17, "#fff", 'opacity=".35"') + oval(200, 248, 76, 13, "#000", 'opacity=".07"') +
      turn(-24, 200, 170, oval(200, 170, 20, 58, "#86986b") + line("M200 234V120", "#6c7d55", 3)) +
      turn(20, 222, 186, oval(222, 186, 15, 46, "#9aab7e") + line("M222 236V146", "#6c7d55", 3))
    );
  },

  tableLamp({ body, glaze }) {
    return (
      circle(200, 178, 150, "#fff3cf", 'opacity=".55"') +
      box(192, 206, 16, 104, body) + oval(200, 312, 58, 14, body) +
      circle(200, 258, 24, body) + p("M146 94H254L300 214H100Z", glaze) +
      p("M146 94H176L152 214H100Z", "#fff", 'opacity=".25"') + shade("M232 94H254L300 214H256Z") +
      oval(200, 214, 100, 12, "#fff6dc")
    );
  },
  pendant({ body, glaze, cone = true }) {
    return (
      (cone ? p("M98 222L20 400H380L302 222Z", "#fff3cf", 'opacity=".5"') : "") +
      box(197, 0, 6, 96, ink) + box(184, 92, 32, 26, ink, 6) +
      p("M92 224C92 150 144 112 200 112S308 150 308 224Z", body) +
      shine("M116 212C120 166 146 138 178 128C150 152 142 182 140 212Z") +
      shade("M240 121C270 150 276 190 274 224H308C308 166 276 132 240 121Z") +
      oval(200, 224, 108, 18, glaze) + circle(200, 230, 24, "#fff6dc")
    );
  },
  floorLamp({ body, glaze }) {
    return (
      circle(280, 152, 92, "#fff3cf", 'opacity=".6"') +
      line("M124 312V150C124 70 280 44 280 116", body, 9) + oval(124, 316, 52, 12, body) +
      p("M228 158C228 124 250 108 280 108S332 124 332 158Z", glaze) + oval(280, 158, 52, 10, "#fff6dc") +
      box(60, 352, 280, 4, "#000", 2, 'opacity=".05"')
    );
  },
  lantern({ body, glaze }) {
    return (
      line("M160 112C160 52 240 52 240 112", body, 8) + p("M140 128L164 100H236L260 128Z", body) +
      box(142, 128, 116, 168, "#fff7df", 4) + circle(200, 226, 58, "#ffd98a", 'opacity=".55"') +
      box(182, 232, 36, 58, glaze, 5) + p("M200 232C182 212 198 202 201 180C216 202 218 216 200 232Z", "#f0953b") +
      p("M200 230C192 218 199 212 201 202C208 214 209 222 200 230Z", "#ffe08a") +
      box(136, 124, 10, 180, body) + box(254, 124, 10, 180, body) + box(196, 128, 7, 24, body) +
      box(126, 296, 148, 26, body, 6) + p("M152 140H176L152 200Z", "#fff", 'opacity=".6"')
    );
  },
  candles({ body, glaze }) {
    const one = (x, top, width, colour) =>
      circle(x, top - 34, 40, "#ffdf9b", 'opacity=".45"') + box(x - width / 2, top, width, 318 - top, colour, 8) +
      oval(x, top + 4, width / 2, 9, "#fff", 'opacity=".35"') + line(`M${x} ${top}V${top - 12}`, ink, 4) +
      p(`M${x} ${top - 10}C${x - 14} ${top - 28} ${x} ${top - 36} ${x + 1} ${top - 56}C${x + 14} ${top - 36} ${x + 16} ${top - 24} ${x} ${top - 10}Z`, "#f0953b") +
      box(x + width / 6, top + 6, width / 3, 312 - top, "#000", 8, 'opacity=".08"');
    return one(130, 208, 58, body) + one(204, 142, 62, glaze) + one(280, 238, 66, body);
  },

  monstera({ body, glaze }) {
    const big = (x, y, degrees, size, colour) => turn(degrees, x, y, line(`M${x} ${y}V${y - 70 * size}`, "#4d6f45", 6) +
      p(`M${x} ${y - 60 * size}C${x - 70 * size} ${y - 50 * size} ${x - 74 * size} ${y - 130 * size} ${x} ${y - 168 * size}` +
        `C${x + 74 * size} ${y - 130 * size} ${x + 70 * size} ${y - 50 * size} ${x} ${y - 60 * size}Z`, colour) +
      line(`M${x} ${y - 64 * size}V${y - 150 * size}M${x} ${y - 90 * size}L${x - 34 * size} ${y - 108 * size}M${x} ${y - 90 * size}L${x + 34 * size} ${y - 108 * size}M${x} ${y - 116 * size}L${x - 26 * size} ${y - 134 * size}M${x} ${y - 116 * size}L${x + 26 * size} ${y - 134 * size}`, "#2f5a3c", 3.5) +
      p(`M${x - 62 * size} ${y - 84 * size}l${34 * size} ${-4 * size}l${-30 * size} ${10 * size}zM${x + 62 * size} ${y - 84 * size}l${-34 * size} ${-4 * size}l${30 * size} ${10 * size}z`, "#e4ead9"));
    return (
      big(200, 250, -62, 0.82, "#5f8f5a") + big(200, 250, 58, 0.9, "#56864f") + big(200, 250, -26, 1.08, "#477a48") +
      big(200, 250, 24, 1.12, "#3f7044") + pot(200, 322, 110, 82, body, glaze)
    );
  },
  cactus({ body, glaze }) {
    const ribs = [-24, -8, 8, 24].map((dx) => line(`M${200 + dx} 120V244`, "#4f7f57", 3, 'opacity=".7"')).join("");
    return (
      line("M160 208C112 214 112 190 112 162", "#679a6c", 34) + line("M240 186C286 192 286 166 286 134", "#679a6c", 34) +
      p("M154 250V124C154 62 246 62 246 124V250Z", "#679a6c") + ribs +
      shade("M222 92C232 130 232 200 226 250H246V124Q246 104 222 92Z") +
      circle(178, 82, 13, "#e58a86") + circle(190, 74, 11, "#f0aaa0") + circle(287, 116, 9, "#e58a86") +
      pot(200, 322, 112, 74, body, glaze)
    );
  },
  snakePlant({ body, glaze }) {
    const blade = (x, height, lean, colour) => turn(lean, x, 250,
      p(`M${x - 16} 256C${x - 26} ${256 - height * 0.5} ${x - 10} ${256 - height * 0.8} ${x} ${256 - height}C${x + 12} ${256 - height * 0.8} ${x + 26} ${256 - height * 0.5} ${x + 16} 256Z`, "#d8cf86") +
      p(`M${x - 11} 256C${x - 20} ${256 - height * 0.5} ${x - 6} ${256 - height * 0.8} ${x} ${264 - height}C${x + 7} ${256 - height * 0.8} ${x + 20} ${256 - height * 0.5} ${x + 11} 256Z`, colour) +
      line(`M${x - 10} ${250 - height * 0.3}q10 8 20 0M${x - 10} ${250 - height * 0.5}q10 8 20 0M${x - 7} ${250 - height * 0.68}q7 6 14 0`, "#2d5a44", 3, 'opacity=".6"'));
    return (
      blade(172, 150, -16, "#5c8f68") + blade(230, 160, 14, "#5c8f68") + blade(188, 206, -5, "#477a58") +
      blade(216, 186, 6, "#3f7153") + pot(200, 322, 116, 78, body, glaze)
    );
  },
  ivy({ body, glaze }) {
    const vine = (d, leaves) => line(d, "#55804f", 4) + leaves.map(([x, y, turned, colour]) =>
      turn(turned, x, y, p(`M${x} ${y}c-20 -4 -24 -26 -4 -32c4 -8 8 -8 12 0c20 6 14 28 -8 32Z`, colour))).join("");
    const a = "#6d9c61", b = "#4f8150", c = "#86ad72";
    return (
      line("M200 0L132 132M200 0L268 132", "#8a6d4e", 4) +
      vine("M150 150C96 190 118 262 92 326", [[112, 196, 40, a], [120, 236, 200, b], [98, 262, 30, c], [108, 300, 190, a], [90, 334, 20, b]]) +
      vine("M190 200C176 262 200 300 182 366", [[178, 262, 30, b], [194, 290, 210, c], [186, 330, 20, a], [184, 372, 190, b]]) +
      vine("M250 150C306 190 280 250 312 300", [[288, 190, 320, c], [290, 226, 150, b], [294, 262, 330, a], [312, 308, 170, b]]) +
      vine("M226 200C240 240 226 276 244 316", [[238, 250, 330, a], [232, 284, 160, c], [246, 322, 340, b]]) +
      [[-62, a], [-34, b], [0, c], [30, b], [60, a]].map(([degrees, colour]) => leaf(200, 146, 64, 26, degrees, colour)).join("") +
      p("M126 132H274C274 192 242 212 200 212S126 192 126 132Z", body) + box(118, 124, 164, 20, glaze, 8) +
      shade("M236 144C240 180 226 204 206 212C246 212 274 190 274 144Z")
    );
  },
  olive({ body, glaze }) {
    let leaves = "";
    for (let index = 0; index < 60; ++index) {
      const angle = index * 2.4;
      const reach = 11 * Math.sqrt(index);
      const x = Math.round(200 + Math.cos(angle) * reach * 1.05);
      const y = Math.round(122 + Math.sin(angle) * reach * 0.86);
      const colour = ["#8ea37c", "#748d68", "#a6b793", "#627c5c"][index % 4];
      leaves += turn(Math.round((angle * 57) % 180), x, y, oval(x, y, 7, 22, colour));
    }
    return (
      line("M198 262C206 220 190 200 202 140M202 196C224 180 222 160 240 140M198 208C176 190 178 168 162 150", "#8c6f55", 9) +
      leaves + circle(164, 142, 7, "#4a4a3a") + circle(238, 108, 7, "#4a4a3a") + circle(212, 168, 6, "#5d5d40") +
      pot(200, 322, 96, 62, body, glaze)
    );
  },

  throw({ body, glaze }) {
    const fringe = Array.from({ length: 17 }, (_, index) => line(`M${92 + index * 13.5} 300v22`, glaze, 4)).join("");
    return (
      fringe + box(84, 250, 232, 54, body, 14) + box(92, 206, 216, 54, glaze, 14) + box(84, 162, 232, 54, body, 14) +
      [176, 188, 200].map((y) => line(`M96 ${y}H304`, glaze, 3, 'opacity=".7"')).join("") +
      [264, 276, 288].map((y) => line(`M96 ${y}H304`, glaze, 3, 'opacity=".7"')).join("") +
      shade("M262 162H302Q316 162 316 176V202Q316 216 302 216H262ZM262 250H302Q316 250 316 264V290Q316 304 302 304H262Z") +
      p("M120 162Q118 232 128 304H154Q142 232 146 162Z", "#fff", 'opacity=".16"')
    );
  },
  cushion({ body, glaze }) {
    return (
      p("M86 108Q200 132 314 108Q292 206 314 312Q200 290 86 312Q108 206 86 108Z", body) +
      ["M128 116Q146 206 128 304", "M164 119Q176 206 164 299", "M236 119Q224 206 236 299", "M272 116Q254 206 272 304"].map((d) => line(d, glaze, 10)).join("") +
      line("M200 120V298", glaze, 14) + shade("M314 108Q292 206 314 312Q270 304 236 298Q268 206 250 118Z") +
      shine("M98 118Q116 206 98 300L112 298Q130 206 116 122Z")
    );
  },
  rug({ body, glaze }) {
    const fringe = Array.from({ length: 15 }, (_, i) => line(`M${92 + i * 15.6} 128l-3 -16M${54 + i * 21} 308l-2 18`, glaze, 4)).join("");
    return (
      fringe + p("M88 126H312L354 310H46Z", body) +
      p("M104 140H296L332 296H68Z", "none", `stroke="${glaze}" stroke-width="6"`) +
      [0, 1, 2].map((row) => [0, 1, 2, 3].map((column) => {
        const y = 172 + row * 44, width = 34 + row * 6;
        const x = 200 + (column - 1.5) * (width + 10);
        return p(`M${x} ${y - 17}L${x + width / 2} ${y}L${x} ${y + 17}L${x - width / 2} ${y}Z`, (row + column) % 2 ? glaze : "#fff", 'opacity=".85"');
      }).join("")).join("") + shade("M290 126H312L354 310H316Z")
    );
  },
  towels({ body, glaze }) {
    const cloth = (x, width, length, colour, stripe) =>
      box(x, 104, width, length, colour, 6) +
      Array.from({ length: Math.floor(length / 18) - 1 }, (_, i) => line(`M${x + 8} ${122 + i * 18}H${x + width - 8}`, "#fff", 2, 'opacity=".45"')).join("") +
      box(x, 104 + length - 46, width, 10, stripe) + box(x, 104 + length - 30, width, 5, stripe) +
      box(x + width * 0.7, 104, width * 0.3, length, "#000", 6, 'opacity=".07"') + box(x, 98, width, 16, colour, 8);
    return box(48, 96, 304, 9, "#8a6d4e", 4) + circle(48, 100, 10, "#6e5439") + circle(352, 100, 10, "#6e5439") +
      cloth(82, 104, 206, body, glaze) + cloth(212, 104, 166, glaze, body);
  },
  curtain({ body, glaze }) {
    const folds = (from, count, colour) => Array.from({ length: count }, (_, i) =>
      p(`M${from + i * 26} 84Q${from + 8 + i * 26} 220 ${from + i * 26} 348H${from + 26 + i * 26}Q${from + 18 + i * 26} 220 ${from + 26 + i * 26} 84Z`, i % 2 ? colour : body)).join("");
    return (
      box(126, 96, 148, 232, "#dfeaf0", 4) + circle(200, 190, 44, "#fff2c9") + box(196, 96, 8, 232, "#fff") + box(126, 208, 148, 8, "#fff") +
      p("M126 300Q164 270 200 296T274 286V328H126Z", "#a9bd98") +
      folds(58, 4, glaze) + folds(238, 4, glaze) + box(40, 72, 320, 10, "#7a5f45", 5) + circle(40, 77, 12, "#5f4934") + circle(360, 77, 12, "#5f4934")
    );
  },

  knife({ body, glaze }) {
    return turn(-32, 200, 220,
      p("M30 214H246V262H120Q58 262 30 214Z", "#d6dbde") + p("M30 214H246V230H52Q40 224 30 214Z", "#f2f5f6") +
      p("M62 240Q84 260 120 262H246V254H120Q86 254 62 240Z", "#b4bcc1") +
      box(246, 208, 16, 58, "#8f989e", 3) + box(260, 210, 116, 44, body, 18) +
      shade("M260 236H376Q374 254 358 254H260Z") + circle(288, 232, 5, glaze) + circle(318, 232, 5, glaze) + circle(348, 232, 5, glaze));
  },
  board({ body, glaze }) {
    return (
      turn(-8, 200, 210,
        box(118, 120, 164, 210, body, 22) + p("M176 124V84Q200 62 224 84V124Z", body) + circle(200, 96, 9, "#efe4d3") +
        line("M150 140C142 190 158 250 148 318M200 132C190 196 212 260 200 322M250 140C258 196 240 250 252 318", glaze, 4, 'opacity=".55"') +
        shade("M252 120H260Q282 120 282 142V308Q282 330 260 330H246Q262 220 252 120Z")) +
      p("M212 250C212 214 330 208 338 250C344 300 216 304 212 250Z", "#c98d4b") + p("M220 246C224 224 318 218 330 244C300 238 250 240 220 246Z", "#e2b273") +
      line("M244 236l-8 18M272 232l-8 20M300 234l-8 20", "#8e5c2b", 4)
    );
  },
  kettle({ body, glaze }) {
    return (
      line("M128 176C120 70 280 70 272 176", glaze, 15) +
      p("M276 214C306 208 318 184 346 172L356 190C330 210 330 262 284 282Z", body) +
      p("M112 250C112 190 150 162 200 162S288 190 288 250V288Q288 318 258 318H142Q112 318 112 288Z", body) +
      p("M158 166Q200 140 242 166Q200 178 158 166Z", body) + circle(200, 146, 12, glaze) +
      shade("M244 176C262 210 260 290 246 318H258Q288 318 288 288V250Q286 194 244 176Z") +
      shine("M132 244C134 214 148 194 166 186C154 206 150 232 150 290H132Z") + box(112, 300, 176, 6, glaze, 3)
    );
  },
  moka({ body, glaze }) {
    return (
      p("M152 88H250L262 196H140Z", body) + p("M152 88L126 104L148 126Z", body) +
      line("M262 122H306V206", glaze, 16) + p("M160 84L200 58L240 84Z", body) + circle(201, 54, 10, glaze) +
      box(146, 194, 110, 18, "#8f989e", 4) + p("M146 212H256L276 318H126Z", body) +
      p("M176 88L168 196H196L198 88ZM172 212L160 318H196V212Z", "#fff", 'opacity=".35"') +
      shade("M226 88L234 196H262L250 88ZM232 212L246 318H276L256 212Z") + circle(158, 250, 5, "#8f989e") +
      line("M176 42C162 28 186 18 176 4", "#fff", 5, 'opacity=".7"')
    );
  },
  pan({ body, glaze }) {
    return (
      turn(-30, 170, 226, box(250, 212, 136, 28, body, 14) + circle(366, 226, 7, "#efe4d3")) +
      circle(164, 230, 108, body) + circle(164, 230, 92, "#4a4d50") + circle(164, 230, 92, "#000", 'opacity=".15"') +
      p("M104 226C96 184 150 168 176 190C212 176 236 216 212 244C214 280 160 288 142 268C112 276 96 250 104 226Z", "#fffdf4") +
      circle(162, 226, 28, glaze) + circle(154, 218, 9, "#fff", 'opacity=".5"') +
      line("M84 190A92 92 0 0 1 122 150", "#fff", 5, 'opacity=".35"')
    );
  },

  stool({ body, glaze }) {
    return (
      line("M148 190L118 318M252 190L282 318", body, 15) + line("M184 190L178 306M216 190L222 306", glaze, 13) +
      line("M134 262H266", body, 9) + oval(200, 190, 96, 22, glaze) + oval(200, 180, 96, 22, body) +
      line("M128 178Q200 190 272 178M150 170Q200 178 250 170", glaze, 3, 'opacity=".6"')
    );
  },
  armchair({ body, glaze }) {
    return (
      line("M122 290L112 322M278 290L288 322M160 290V316M240 290V316", "#7a5a3c", 12) +
      p("M124 210V118C124 72 276 72 276 118V210Z", body) + shade("M240 88C254 130 254 180 250 210H276V118Q275 98 240 88Z") +
      box(116, 208, 168, 52, glaze, 20) + box(100, 246, 200, 52, body, 16) +
      p("M84 190Q84 168 106 168T128 190V292H100Q84 292 84 272Z", body) + p("M316 190Q316 168 294 168T272 190V292H300Q316 292 316 272Z", body) +
      shine("M92 192Q94 178 104 176V282Q92 282 92 268Z") + shade("M296 168Q316 170 316 190V272Q316 292 300 292H292Z") +
      box(152, 142, 86, 74, "#f3ead9", 14, 'transform="rotate(-7 195 180)"') + line("M168 152L176 212M192 150L198 210M216 147L222 207", glaze, 4)
    );
  },
  sideTable({ body, glaze }) {
    return (
      line("M160 206L130 320M240 206L270 320M200 206V308", glaze, 11) + oval(200, 204, 112, 24, glaze) + oval(200, 194, 112, 24, body) +
      line("M112 192Q200 208 288 192M140 184Q200 194 260 184", glaze, 3, 'opacity=".5"') +
      p("M160 190L156 150H196L192 190Z", "#e9dfcd") + leaf(176, 152, 52, 16, -24, "#769465") + leaf(176, 152, 60, 16, 6, "#5f8155") + leaf(176, 152, 46, 14, 34, "#8aa877") +
      box(222, 176, 56, 10, "#c4633f", 3) + box(226, 166, 52, 10, "#2f5d62", 3)
    );
  },
  shelf({ body, glaze }) {
    const book = (x, y, w, h, colour) => box(x, y - h, w, h, colour, 2);
    return (
      line("M120 324L150 60M280 324L250 60", body, 11) +
      [[128, 258, 150], [136, 190, 136], [142, 122, 116]].map(([x, y, w]) => box(200 - w / 2 - 8, y, w + 16, 12, glaze, 3)).join("") +
      book(146, 258, 16, 44, "#c4633f") + book(164, 258, 13, 50, "#2f5d62") + book(179, 258, 18, 40, "#d9a441") + book(199, 258, 12, 47, "#6b4e71") + pot(244, 258, 32, 26, "#e9dfcd", "#dccfb8") + leaf(244, 220, 30, 11, -20, "#6d9560") + leaf(244, 220, 34, 11, 16, "#56804f") +
      oval(168, 178, 20, 13, "#e9dfcd") + box(150, 172, 36, 10, "#e9dfcd", 4) + book(206, 190, 14, 42, "#8aa08a") + book(222, 190, 12, 36, "#c4633f") + turn(14, 242, 190, book(236, 190, 12, 38, "#2f5d62")) +
      book(166, 122, 46, 9, "#d9a441") + book(170, 113, 38, 9, "#6b4e71") + circle(230, 110, 12, "#c4633f")
    );
  },
  bench({ body, glaze }) {
    return (
      line("M92 236L84 320M308 236L316 320M128 236V312M272 236V312", glaze, 13) + line("M90 280H310", glaze, 8) +
      box(60, 216, 280, 24, body, 8) + shade("M60 230H340V232Q340 240 332 240H68Q60 240 60 232Z") +
      p("M92 216Q96 186 130 186H190Q218 186 214 216Z", "#e9dfcd") + line("M112 190Q110 202 108 216M140 186V216M168 186Q170 202 172 216", "#cdbfa5", 4) +
      line("M268 216V150", "#7a5f45", 5) + box(244, 172, 50, 44, "#b9793f", 6) + line("M250 172Q268 120 288 172", "#8e5c2b", 6) +
      line("M246 186H292M246 200H292", "#8e5c2b", 3, 'opacity=".6"')
    );
  },
};

/** The scene at the top of the first page: a shelf corner with a few of the things. */
export function hero() {
  const frame = (x, y, w, h, colour, shapes) =>
    box(x, y, w, h, "#7a5f45", 3) + box(x + 8, y + 8, w - 16, h - 16, colour) + shapes;
  const put = (x, y, scale, shapes) => `<g transform="translate(${x} ${y}) scale(${scale})">${shapes}</g>`;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1400 620" width="1400" height="620">` +
    `<rect width="1400" height="620" fill="#e3d6c1"/><path d="M0 0H1400V230Q760 40 0 400Z" fill="#fff" opacity=".2"/>` +
    `<rect y="500" width="1400" height="120" fill="#c9b392"/><rect y="500" width="1400" height="8" fill="#b89f7b"/><g transform="translate(500 0)">` +
    `<ellipse cx="560" cy="566" rx="330" ry="34" fill="#b0654a"/>` +
    `<ellipse cx="560" cy="566" rx="300" ry="27" fill="none" stroke="#efdcbb" stroke-width="5"/>` +
    frame(560, 92, 108, 136, "#f4ecdd", leaf(614, 206, 84, 26, -14, "#7f9a72") + leaf(614, 206, 92, 26, 14, "#5d8056")) +
    frame(690, 66, 140, 106, "#dfe7e4", circle(776, 106, 20, "#e8b04c") + p("M702 160Q740 118 772 146T818 140V160Z", "#5b8a94")) +
    put(284, -46, 0.66, art.pendant({ body: "#2f5d4e", glaze: "#24483c", cone: false })) +
    `<circle cx="416" cy="106" r="120" fill="#fff3cf" opacity=".28"/>` +
    `<ellipse cx="180" cy="546" rx="104" ry="12" fill="#000" opacity=".13"/>` +
    put(-40, 192, 1.1, art.monstera({ body: "#f0e8da", glaze: "#e2d6c1" })) +
    `<ellipse cx="640" cy="556" rx="150" ry="15" fill="#000" opacity=".16"/>` +
    put(404, 180, 1.17, art.armchair({ body: "#55736a", glaze: "#466259" })) +
    `<ellipse cx="414" cy="561" rx="78" ry="9" fill="#000" opacity=".15"/>` +
    put(240, 282, 0.87, art.sideTable({ body: "#8a5f3c", glaze: "#6e4a2d" })) +
    `</g></svg>\n`
  );
}
