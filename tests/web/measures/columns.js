// What stands side by side in the main part: in one column, nothing does.
() => [...document.querySelectorAll('main *')].filter((node) => ['grid', 'flex'].includes(getComputedStyle(node).display) && node.checkVisibility() && node.querySelector('p, h2, table, form') && !node.closest('svg, table')).filter((node) => {
  const boxes = [...node.children].filter((child) => child.checkVisibility() && getComputedStyle(child).position !== 'absolute').map((child) => child.getBoundingClientRect()).filter((box) => box.width && box.height);
  return boxes.some((a) => boxes.some((b) => a !== b && a.right <= b.left + 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1));
}).map((node) => node.className)
