// Numbers as people read them: whole people, 万 in Chinese, signs where something is gained or lost.
import { lang } from "../parts/words.js";

const plain = new Intl.NumberFormat(lang === "en" ? "en" : "zh-CN", { maximumFractionDigits: 0 });
const fine = new Intl.NumberFormat(lang === "en" ? "en" : "zh-CN", { minimumFractionDigits: 1, maximumFractionDigits: 1 });

export function many(value) {
  if (lang !== "en" && Math.abs(value) >= 100000) return `${fine.format(value / 10000)} 万`;
  return plain.format(value);
}
export const signed = (value) => (Math.round(value) > 0 ? `+${many(value)}` : Math.round(value) < 0 ? `−${many(-value)}` : "0");
export const counted = (value) => (value < 0 ? `−${many(-value)}` : many(value));
export const minutes = (value) => (value === null || value === undefined ? "—" : fine.format(value));
export const share = (value) => (value === null || value === undefined || Number.isNaN(value) ? "—" : `${fine.format(100 * value)}%`);
export const points = (value) => `${value > 0 ? "+" : value < 0 ? "−" : "±"}${new Intl.NumberFormat("en", { minimumFractionDigits: 2, maximumFractionDigits: 2 }).format(Math.abs(100 * value))}`;
export const yuan = (value) => (lang === "en" ? `¥${plain.format(value)}` : Math.abs(value) >= 10000 ? `${fine.format(value / 10000)} 万元` : `${plain.format(value)} 元`);
