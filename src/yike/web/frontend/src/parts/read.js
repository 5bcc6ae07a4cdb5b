// Read aloud: the sentences of the page's main part, by the reader's own device. Nothing is sent anywhere.
import table from "../../words/page.json";
import { lang, words } from "./words.js";

const say = words(table);

/** What to read: what a page marks with data-read, else its headings, paragraphs and lists. */
export function sentences(root) {
  const marked = root.querySelectorAll("[data-read]");
  const nodes = marked.length ? marked : root.querySelectorAll("h1, h2, p, li, dt, dd, th, td");
  return [...nodes].filter((node) => node.checkVisibility?.() ?? true).map((node) => node.innerText.trim()).filter(Boolean);
}

export function readAloud(button) {
  if (!("speechSynthesis" in window)) return;
  button.hidden = false;
  const stop = () => { button.setAttribute("aria-pressed", "false"); button.textContent = say("read"); };
  button.addEventListener("click", () => {
    if (button.getAttribute("aria-pressed") === "true") { speechSynthesis.cancel(); stop(); return; }
    const parts = sentences(document.getElementById("main"));
    button.setAttribute("aria-pressed", "true");
    button.textContent = say("stop");
    speechSynthesis.cancel();
    parts.forEach((text, k) => {
      const speech = new SpeechSynthesisUtterance(text);
      speech.lang = lang === "en" ? "en" : "zh-CN";
      speech.rate = 0.9;
      if (k === parts.length - 1) speech.onend = stop;
      speech.onerror = stop;
      speechSynthesis.speak(speech);
    });
  });
  addEventListener("pagehide", () => speechSynthesis.cancel());
}
