// What can be tapped, with its box. A link within a sentence is as high as its line (WCAG 2.5.8 excepts it).
() => [...document.querySelectorAll('a[href], button, summary, select, input:not([type=hidden])')].filter((node) => node.checkVisibility() && !node.closest('.skip, noscript, .visually-hidden') && !node.matches('.skip') && !node.disabled).map((node) => {
  const box = node.getBoundingClientRect();
  const running = node.tagName === 'A' && getComputedStyle(node).display === 'inline' && node.parentElement.textContent.trim() !== node.textContent.trim();
  return { text: (node.textContent || node.name || node.id || node.getAttribute('aria-label')).trim().slice(0, 30), tag: node.tagName, wide: box.width, high: box.height, running };
})
