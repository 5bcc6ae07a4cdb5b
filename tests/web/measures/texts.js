// What a page shows as text: its size, the room between its lines, its contrast with what is behind it.
() => {
  const found = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const rgb = (text) => (text.match(/[\d.]+/g) ?? [0, 0, 0, 0]).map(Number);
  const light = ([r, g, b]) => [r, g, b].map((c) => c / 255).map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)).reduce((sum, c, k) => sum + c * [0.2126, 0.7152, 0.0722][k], 0);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const over = node.parentElement, text = node.textContent.trim();
    if (!text || over.closest('script, style, noscript, option, .skip, .visually-hidden') || !over.checkVisibility({ opacityProperty: true, visibilityProperty: true })) continue;
    const style = getComputedStyle(over), drawn = over.closest('svg');
    if (drawn && drawn.classList.contains('mark')) continue; // a mark's letter: its name stands beside it
    let scale = 1;
    if (drawn) scale = drawn.getBoundingClientRect().width / drawn.viewBox.baseVal.width;
    let behind = over, ground = [255, 255, 255, 1];
    for (; behind; behind = behind.parentElement) { const c = rgb(getComputedStyle(behind).backgroundColor); if (c.length < 4 || c[3] > 0.5) { ground = c; break; } }
    const a = light(rgb(drawn ? style.fill : style.color)), b = light(ground);
    found.push({ text: text.slice(0, 40), size: parseFloat(style.fontSize) * scale, lines: drawn ? 9 : parseFloat(style.lineHeight) / parseFloat(style.fontSize), contrast: (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05), map: Boolean(over.closest('.maplibregl-map')), block: style.display !== 'inline' });
  }
  return found;
}
