// Marks of outlets: a shape and a letter for each group, filled when open, outlined when closed now: never by colour alone.
import { lang } from "../parts/words.js";

const INK = "#1b1b1d", ACCENT = "#b93420";
const FONT = '700 11.5px "Noto Sans SC", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif';

/** Draw one mark of 24 × 24 in the middle of a picture of 28 × 28, at the device's sharpness. */
export function drawMark(mark, { open = true, chosen = false } = {}, ratio = 2) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 28 * ratio;
  const pen = canvas.getContext("2d");
  pen.scale(ratio, ratio);
  pen.translate(2, 2);
  const shape = new Path2D(mark.path), ink = chosen ? ACCENT : INK;
  pen.lineJoin = "round";
  pen.lineWidth = 3.5;
  pen.strokeStyle = "#fff";
  pen.stroke(shape);
  pen.fillStyle = open ? ink : "#fff";
  pen.fill(shape);
  pen.lineWidth = 1.6;
  pen.strokeStyle = ink;
  pen.stroke(shape);
  pen.font = FONT;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.fillStyle = open ? "#fff" : ink;
  pen.fillText(lang === "en" ? mark.letter_en : mark.letter_zh, mark.shape === "tag" ? 10.5 : 12, mark.shape === "screen" ? 11.3 : mark.shape === "house" ? 14 : 12.6);
  return pen.getImageData(0, 0, canvas.width, canvas.height);
}

/** Give a map every mark under the names "<group>-open", "<group>-shut", "<group>-chosen". */
export function addMarks(map, marks) {
  const ratio = Math.max(2, Math.ceil(devicePixelRatio || 1));
  for (const mark of marks) {
    for (const [name, how] of [["open", {}], ["shut", { open: false }], ["chosen", { chosen: true }]]) {
      const id = `${mark.group}-${name}`;
      if (!map.hasImage(id)) map.addImage(id, drawMark(mark, how, ratio), { pixelRatio: ratio });
    }
  }
}
