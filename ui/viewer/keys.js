// What the keys do. Single letters can be switched off in the list of keys; none is heard while something is typed.

const FIELDS = 'input:not([type=checkbox]), textarea, select, [contenteditable=true]';
const isTyping = node => Boolean(node?.closest?.(FIELDS));
const SINGLE = {
  ']': viewer => viewer.footnotes.step(1),
  '[': viewer => viewer.footnotes.step(-1),
  '+': viewer => viewer.does['zoom-in'](),
  '=': viewer => viewer.does['zoom-in'](),
  '-': viewer => viewer.does['zoom-out'](),
  '0': viewer => viewer.does['fit-width'](),
  f: viewer => viewer.does['fit-page'](),
  o: viewer => viewer.does.outline(),
  s: viewer => viewer.does.both(),
  '/': viewer => viewer.openFind(),
  '?': viewer => viewer.does.keys(),
};

function pressed(viewer, event) {
  const target = event.composedPath()[0];
  const isInside = event.composedPath().includes(viewer.root);
  if (viewer.$('.keys').open || (!isInside && document.querySelector('[role=dialog]'))) return;
  const take = () => { event.preventDefault(); event.stopImmediatePropagation(); };
  const {key} = event;
  if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && key.toLowerCase() === 'f') {
    // Pressed again in the field, it is the browser's own.
    if (!(isInside || viewer.isUnderPointer) || target === viewer.find.words) return;
    take();
    viewer.openFind();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (key === 'F3' && viewer.find.isOpen) { take(); viewer.find.step(event.shiftKey ? -1 : 1); return; }
  if (key === 'Escape') { escaped(viewer, target, isInside, take); return; }
  if (isTyping(target) || viewer.$('.single').checked === false || !SINGLE[key]) return;
  if (key !== ']' && key !== '[' && !viewer.isShown) return;
  take();
  SINGLE[key](viewer);
}

/** One thing a time: the menu, the panel, then what is lit and the drawer. */
function escaped(viewer, target, isInside, take) {
  if (isTyping(target) && !isInside) return;
  if (target === viewer.bar.num) { take(); viewer.bar.isEdited = false; viewer.bar.moved(); viewer.pane.view.focus({preventScroll: true}); return; }
  if (viewer.bar.isMenuOpen) { take(); viewer.bar.menu(false); return; }
  if (viewer.find.isOpen || viewer.outline.isOpen) { take(); viewer.does['shut-panel'](); return; }
  viewer.footnotes.clear();
}
