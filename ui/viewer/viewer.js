// The pages of a PDF beside the chat. Footnotes are plain links (#cite-<key>) anywhere in the app: a click is heard
// here, in the capture phase, so that no rerun of the Python side is needed and it works while an answer is written.
//
// data: {library, papers: [{id, name, at}], cites: {key: {n, doc, document, page, label, quote, verdict, says, gone,
//        boxes: [[page, x0, y0, x1, y1], ...]}}, wanted: null | {nonce, doc, page} | {nonce, cite}}
// Boxes are fractions of the page, origin top left; pages count from 1.

const WIDTH_STEP = 300;   // image widths are rounded up to this, so that small resizes reuse what is cached
const MAX_WIDTH = 2400;
const KEPT_AROUND = '1200px 0px';
const viewers = new WeakMap();
const CHIP = 'a[href*="#cite-"]';
const keyOf = node => node?.closest?.(CHIP)?.getAttribute('href').split('#cite-')[1];
const make = (tag, className, text) => {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
};

class Viewer {
  constructor(root) {
    this.root = root;
    this.$ = selector => root.querySelector(selector);
    this.view = this.$('.view');
    this.wrap = this.$('.wrap');
    this.infos = new Map();     // document id -> promise of its info
    this.prefetched = new Set();
    this.zoomed = 1;
    this.page = 1;
    this.pages = [];
    this.watcher = new IntersectionObserver(
      entries => entries.forEach(e => (e.isIntersecting ? this.fill(e.target) : this.empty(e.target))),
      {root: this.view, rootMargin: KEPT_AROUND});
    this.ended = new AbortController();
    this.listen();
    this.darken(localStorage.getItem('footnote:paper') === 'dark');
  }

  listen() {
    const on = (target, name, handle, options) =>
      target.addEventListener(name, handle, {signal: this.ended.signal, ...options});
    on(document, 'click', e => this.clicked(e), {capture: true});
    on(document, 'mouseover', e => this.preview(keyOf(e.target), e.target));
    on(document, 'focusin', e => this.preview(keyOf(e.target), e.target));
    on(document, 'scroll', () => this.hideCard(), {capture: true, passive: true});
    on(document, 'keydown', e => this.pressed(e));
    on(document, 'selectionchange', () => { clearTimeout(this.selecting); this.selecting = setTimeout(() => this.offer(), 150); });
    on(this.view, 'scroll', () => { clearTimeout(this.scrolling); this.scrolling = setTimeout(() => this.locate(), 60); }, {passive: true});
    on(this.$('.doc'), 'change', e => this.open(e.target.value));
    on(this.$('.num'), 'change', e => this.go(parseInt(e.target.value, 10) || this.page));
    on(this.$('.num'), 'focus', e => e.target.select());
    on(this.$('.prev'), 'click', () => this.go(this.page - 1));
    on(this.$('.next'), 'click', () => this.go(this.page + 1));
    on(this.$('.zin'), 'click', () => this.zoom(1.25));
    on(this.$('.zout'), 'click', () => this.zoom(0.8));
    on(this.$('.ink'), 'click', () => this.darken(!this.view.classList.contains('dark')));
    on(this.$('.shut'), 'click', () => this.wrap.classList.remove('open'));
    on(this.$('.reopen'), 'click', () => this.wrap.classList.add('open'));
  }

  // ---------------------------------------------------------------------------------------------- from Python

  update(data) {
    const before = this.data;
    this.data = data;
    this.papers = new Map(data.papers.map(paper => [paper.id, paper]));
    this.fillList();
    this.prefetch();
    if (this.doc && !this.papers.has(this.doc)) this.doc = this.cite = null;   // removed meanwhile
    const wanted = data.wanted;
    if (wanted && wanted.nonce !== this.obeyed && wanted.nonce !== +sessionStorage.getItem('footnote:obeyed')) {
      this.obeyed = wanted.nonce;
      sessionStorage.setItem('footnote:obeyed', wanted.nonce);
      if (wanted.cite) this.show(wanted.cite, {drawer: false});
      else this.open(wanted.doc).then(() => { this.go(wanted.page || 1); this.wrap.classList.add('open'); });
    } else if (!this.doc) {
      const last = before?.library === data.library || !before ? sessionStorage.getItem('footnote:doc') : null;
      this.open(this.papers.has(last) ? last : data.papers[0]?.id);
    }
    this.markChips();
  }

  fillList() {
    const list = this.$('.doc');
    const names = JSON.stringify(this.data.papers.map(p => [p.id, p.name]));
    if (names === this.listed) return;
    this.listed = names;
    list.replaceChildren(...this.data.papers.map(paper => new Option(paper.name, paper.id)));
    list.value = this.doc ?? '';
  }

  prefetch() {
    for (const cite of Object.values(this.data.cites)) {
      const key = `${cite.doc} ${cite.page}`;
      if (cite.gone || !cite.n || this.prefetched.has(key) || this.prefetched.size > 60) continue;
      this.prefetched.add(key);
      new Image().src = this.image(cite.doc, cite.page, this.width());
      this.info(cite.doc);
    }
  }

  // ------------------------------------------------------------------------------------------------ documents

  info(id) {
    if (!this.infos.has(id)) {
      const asked = fetch(`${this.papers.get(id).at}/info`).then(r => (r.ok ? r.json() : Promise.reject(new Error(r.status))));
      asked.then(info => { asked.ready = info; }, () => this.infos.delete(id));
      this.infos.set(id, asked);
    }
    return this.infos.get(id);
  }

  /** Show a document; done at once, without a promise in between, when its sizes are known. */
  open(id) {
    if (!id || !this.papers.has(id)) { this.explain('Drop in a PDF, and its pages will show here.'); return Promise.resolve(); }
    if (id === this.doc) return Promise.resolve();
    this.wantedDoc = id;
    const asked = this.info(id);
    if (asked.ready) { this.layOut(id, asked.ready); return Promise.resolve(); }
    return asked.then(
      info => { if (this.wantedDoc === id) this.layOut(id, info); },
      () => { if (this.wantedDoc === id) this.explain('This document cannot be shown. Reload the page; if that does not help, look at the Library.'); });
  }

  layOut(id, info) {
    this.doc = id;
    this.sizes = info.sizes;
    this.labels = info.labels;
    this.watcher.disconnect();
    this.pages = info.sizes.map(([width, height], i) => {
      const node = make('div', 'page');
      node.dataset.n = i + 1;
      node.style.aspectRatio = `${width} / ${height}`;
      return node;
    });
    this.view.replaceChildren(...this.pages);
    if (!this.pages.length) this.explain('This document has no pages that can be shown yet.');
    this.pages.forEach(node => this.watcher.observe(node));
    this.$('.doc').value = id;
    sessionStorage.setItem('footnote:doc', id);
    this.view.scrollTop = (+sessionStorage.getItem(`footnote:at:${id}`) || 0) * this.view.scrollHeight;
    this.locate();
  }

  explain(text) {
    this.pages = [];
    this.doc = null;
    this.view.replaceChildren(make('p', 'note', text));
    this.$('.tot').textContent = '';
  }

  // ---------------------------------------------------------------------------------------------------- pages

  width() { return Math.min(MAX_WIDTH, Math.ceil(((this.view.clientWidth || 600) * this.zoomed * devicePixelRatio) / WIDTH_STEP) * WIDTH_STEP); }

  image(id, page, width, clip) { return `${this.papers.get(id).at}/page/${page}?w=${width}${clip ? `&clip=${clip}` : ''}`; }

  fill(node) {
    if (node.querySelector('img')) return;
    const image = new Image();
    image.alt = `Page ${node.dataset.n}`;
    image.draggable = false;
    image.src = this.image(this.doc, node.dataset.n, this.width());
    node.prepend(image);
    if (!node.querySelector('mark')) this.light(node);
    fetch(`${this.papers.get(this.doc).at}/text/${node.dataset.n}`).then(r => (r.ok ? r.text() : '')).then(text => {
      if (!text || !node.contains(image)) return;
      const layer = new DOMParser().parseFromString(text, 'image/svg+xml').documentElement;
      layer.classList.add('text');
      node.append(document.importNode(layer, true));
    }).catch(() => {});   // the page can be read without it
  }

  empty(node) { node.replaceChildren(); }

  light(node) {
    node.querySelectorAll('mark').forEach(mark => mark.remove());
    const cite = this.data.cites[this.cite];
    if (!cite || cite.doc !== this.doc) return;
    for (const [page, ...box] of cite.boxes) if (page === +node.dataset.n) node.append(this.mark(box));
  }

  mark([x0, y0, x1, y1], top = 0, height = 1) {
    const mark = make('mark');
    mark.style.cssText = `left:${100 * x0}%;width:${100 * (x1 - x0)}%;top:${(100 * (y0 - top)) / height}%;height:${(100 * (y1 - y0)) / height}%`;
    return mark;
  }

  go(number) {
    if (!this.pages.length) return;
    const node = this.pages[Math.max(1, Math.min(this.pages.length, number)) - 1];
    this.view.scrollTop = node.offsetTop - 8;
    this.locate();
  }

  locate() {
    if (!this.pages.length) return;
    const y = this.view.scrollTop + this.view.clientHeight / 3;
    let low = 0;
    let high = this.pages.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.pages[middle].offsetTop <= y) low = middle; else high = middle - 1;
    }
    this.page = low + 1;
    const label = this.labels[low];
    this.$('.num').value = this.page;
    this.$('.tot').textContent = `of ${this.pages.length}${label && label !== String(this.page) ? ` · printed ${label}` : ''}`;
    sessionStorage.setItem(`footnote:at:${this.doc}`, this.view.scrollTop / this.view.scrollHeight);
  }

  zoom(factor) {
    const at = this.view.scrollTop / this.view.scrollHeight;
    this.zoomed = Math.max(0.5, Math.min(3, this.zoomed * factor));
    this.view.style.setProperty('--z', this.zoomed);
    this.view.scrollTop = at * this.view.scrollHeight;
    for (const node of this.pages) if (node.firstChild) { this.empty(node); this.watcher.unobserve(node); this.watcher.observe(node); }
  }

  darken(dark) {
    this.view.classList.toggle('dark', dark);
    this.$('.ink').setAttribute('aria-pressed', dark);
    localStorage.setItem('footnote:paper', dark ? 'dark' : 'white');
  }

  // ------------------------------------------------------------------------------------------------ footnotes

  clicked(event) {
    const key = keyOf(event.target);
    if (!key || !this.data.cites[key]) return;
    event.preventDefault();
    event.stopPropagation();
    this.show(key);
  }

  /** Open the page of a footnote and light its lines up. */
  show(key, {drawer = true} = {}) {
    const cite = this.data.cites[key];
    if (!cite) return;
    this.hideCard();
    this.cite = key;
    this.markChips();
    if (cite.gone) { this.say(`${cite.says}. It said: ${cite.quote}`); return; }
    if (drawer) this.wrap.classList.add('open');
    if (this.doc === cite.doc) this.reveal(cite);
    else this.open(cite.doc).then(() => { if (this.cite === key && this.doc === cite.doc) this.reveal(cite); });
  }

  reveal(cite) {
    this.view.querySelectorAll('mark').forEach(mark => mark.remove());
    for (const page of new Set([cite.page, ...cite.boxes.map(box => box[0])])) if (this.pages[page - 1]) this.light(this.pages[page - 1]);
    const first = cite.boxes.find(box => box[0] === cite.page) ?? [cite.page, 0, 0, 1, 0];
    const node = this.pages[cite.page - 1];
    if (!node) return;
    this.fill(node);
    this.view.scrollTop = Math.max(node.offsetTop - 8, node.offsetTop + node.offsetHeight * first[2] - this.view.clientHeight / 3);
    this.view.scrollLeft = node.offsetWidth > this.view.clientWidth ? node.offsetWidth * first[1] - 40 : 0;
    this.locate();
    this.say(`${cite.n ? `Footnote ${cite.n}` : 'Passage'}, ${cite.document}, page ${cite.page}: ${cite.quote}`);
  }

  say(text) { this.$('[role=status]').textContent = text; }

  clear() {
    this.hideCard();
    this.cite = null;
    this.view.querySelectorAll('mark').forEach(mark => mark.remove());
    this.wrap.classList.remove('open');
    this.markChips();
  }

  markChips() {
    for (const chip of document.querySelectorAll(CHIP)) {
      if (keyOf(chip) === this.cite) chip.setAttribute('aria-current', 'true'); else chip.removeAttribute('aria-current');
    }
  }

  /** Walk the footnotes in reading order, from the newest answer when none is lit. */
  step(by) {
    const chips = [...document.querySelectorAll(CHIP)].filter(
      chip => this.data.cites[keyOf(chip)] && chip.checkVisibility());   // not those in a closed expander
    if (!chips.length) return;
    let at = chips.findIndex(chip => keyOf(chip) === this.cite);
    if (at >= 0) at = (at + by + chips.length) % chips.length;
    else {
      const newest = keyOf(chips.at(-1)).split('-')[0];
      at = chips.findIndex(chip => keyOf(chip).startsWith(`${newest}-`));
    }
    chips[at].scrollIntoView({block: 'nearest'});
    this.show(keyOf(chips[at]));
  }

  pressed(event) {
    const typing = event.composedPath()[0]?.closest?.('input, textarea, select, [contenteditable=true]');
    if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === ']') this.step(1);
    else if (event.key === '[') this.step(-1);
    else if (event.key === 'Escape') this.clear();
  }

  // ------------------------------------------------------------------------------------------------- previews

  preview(key, target) {
    const cite = key && this.data.cites[key];
    if (!cite) return this.hideCard();
    if (this.card?.dataset.key === key) return undefined;
    this.hideCard();
    const card = make('div', 'card');
    card.dataset.key = key;
    card.setAttribute('aria-hidden', 'true');
    const here = cite.boxes.filter(box => box[0] === cite.page);
    const size = this.infos.get(cite.doc)?.ready?.sizes[cite.page - 1];
    if (!cite.gone && here.length && size) card.append(this.strip(cite, here, size));
    else card.append(make('p', '', `“${cite.quote}”`));
    const line = make('p');
    line.append(make('b', '', cite.document), ` · page ${cite.page}${cite.label && cite.label !== String(cite.page) ? `, printed ${cite.label}` : ''} `, make('i', '', `· ${cite.says}`));
    card.append(line);
    this.root.append(card);
    this.card = card;
    this.place(card, target.closest(CHIP).getBoundingClientRect());
    return undefined;
  }

  /** The lines themselves: a strip across the page, as high as they are and a little more. */
  strip(cite, boxes, [width, height]) {
    const margin = 12 / height;
    const y0 = Math.max(0, Math.min(...boxes.map(box => box[2])) - margin);
    const y1 = Math.min(1, y0 + Math.min(170 / height, Math.max(...boxes.map(box => box[4])) + margin - y0));
    const strip = make('div', 'strip');
    strip.style.aspectRatio = `${width} / ${(y1 - y0) * height}`;
    const image = new Image();
    image.alt = '';
    image.src = this.image(cite.doc, cite.page, 960, `0,${y0.toFixed(4)},1,${y1.toFixed(4)}`);
    strip.append(image);
    for (const [, ...box] of boxes) if (box[1] < y1) strip.append(this.mark(box, y0, y1 - y0));
    return strip;
  }

  place(card, chip) {
    card.style.left = `${Math.max(8, Math.min(innerWidth - card.offsetWidth - 8, chip.left - 40))}px`;
    if (chip.top > 280) card.style.bottom = `${innerHeight - chip.top + 8}px`;
    else card.style.top = `${chip.bottom + 8}px`;
  }

  hideCard() { this.card?.remove(); this.card = null; }

  // ------------------------------------------------------------------------------------------ ask about this

  offer() {
    this.button?.remove();
    this.button = null;
    const selection = this.root.getSelection?.() ?? getSelection();
    const text = selection?.toString().replace(/\s+/g, ' ').trim();
    if (!text || text.length < 4 || !selection.rangeCount) return;
    if (!this.view.contains(selection.getRangeAt(0).commonAncestorContainer)) return;
    const where = selection.getRangeAt(0).getBoundingClientRect();
    if (!where.width) return;
    const button = make('button', 'ask', 'Ask about this');
    button.style.left = `${where.left + where.width / 2}px`;
    button.style.top = `${Math.max(70, where.top - 44)}px`;
    button.onpointerdown = event => { event.preventDefault(); this.ask(text.slice(0, 600)); button.remove(); };
    this.root.append(button);
    this.button = button;
  }

  /** Put the words into the question field, where the user goes on typing. */
  ask(text) {
    const field = document.querySelector('[data-testid="stChatInputTextArea"]');
    if (!field) return;
    const begun = field.value.trim();
    const value = `${begun ? `${begun} ` : ''}“${text}” `;
    Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value').set.call(field, value);
    field.dispatchEvent(new Event('input', {bubbles: true}));
    this.wrap.classList.remove('open');
    field.focus();
    field.setSelectionRange(value.length, value.length);
  }

  destroy() {
    this.watcher.disconnect();
    this.ended.abort();
    this.hideCard();
  }
}

export default function ({data, parentElement}) {
  let viewer = viewers.get(parentElement);
  if (!viewer) viewers.set(parentElement, (viewer = new Viewer(parentElement)));
  viewer.update(data);
  return () => { viewer.destroy(); viewers.delete(parentElement); };
}
