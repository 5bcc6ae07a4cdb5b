// All words of a page that a reader sees or hears, without proper names (translate=no) and what is marked as Chinese.
() => { const names = [...document.querySelectorAll('[translate=no]')].map((each) => each.textContent.trim()).filter(Boolean);
const bare = (text) => names.reduce((left, name) => left.replaceAll(name, ''), text);
const found = [], walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
for (let node = walk.nextNode(); node; node = walk.nextNode()) if (!node.parentElement.closest('script, noscript, [translate=no], [lang^=zh]')) found.push(node.textContent.trim());
for (const node of document.querySelectorAll('[aria-label], [title], [placeholder], [alt]')) for (const attribute of ['aria-label', 'title', 'placeholder', 'alt']) found.push(bare(node.getAttribute(attribute) ?? ''));
return [bare(document.title), ...found]; }
