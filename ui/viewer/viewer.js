// The pages of a PDF beside the chat. Footnotes are plain links (#cite-<key>) anywhere in the app: a click is heard
// here, in the capture phase, so that no rerun of the Python side is needed and it works while an answer is written.
//
// data: {library, papers: [{id, name, title, at}], cites: {key: {n, doc, document, page, label, quote, verdict, says, gone,
//        boxes: [[page, x0, y0, x1, y1], ...]}}, wanted: null | {nonce, doc, page} | {nonce, cite: key | null}}
// Boxes are fractions of the page, origin top left; pages count from 1.

const viewers = new WeakMap();
const NARROW = matchMedia('(max-width: 640px)');
const READABLE = 1.8;   // zoom at which the lines of a page can be read on a phone
const CHIP = 'a[href*="#cite-"]';
const keyOf = node => node?.closest?.(CHIP)?.getAttribute('href').split('#cite-')[1];

class Viewer extends Pages {
  constructor(root) {
    super(root);
    this.wrap = this.$('.wrap');
    this.prefetched = new Set();
    this.ended = new AbortController();
    this.listen();
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
    on(this.$('.ink'), 'click', () => {
      const dark = !this.view.classList.contains('dark');
      this.darken(dark);
      localStorage.setItem('footnote:paper', dark ? 'dark' : 'white');
    });
    on(this.$('.shut'), 'click', () => this.wrap.classList.remove('open'));
    on(this.$('.reopen'), 'click', () => this.wrap.classList.add('open'));
  }

  // ---------------------------------------------------------------------------------------------- from Python

  update(data) {
    const before = this.data;
    this.data = data;
    this.cites = data.cites;
    this.papers = new Map(data.papers.map(paper => [paper.id, paper]));
    this.fillList();
    this.prefetch();
    if (this.doc && !this.papers.has(this.doc)) this.doc = this.cite = null;   // removed meanwhile
    if (this.cite && !this.cites[this.cite]) this.unlight();   // another chat, or a new one
    const wanted = data.wanted;
    if (wanted && wanted.nonce !== this.obeyed && wanted.nonce !== +sessionStorage.getItem('footnote:obeyed')) {
      this.obeyed = wanted.nonce;
      sessionStorage.setItem('footnote:obeyed', wanted.nonce);
      if (wanted.cite) this.show(wanted.cite, {drawer: false});
      else if ('cite' in wanted) { this.unlight(); this.openLast(before); }
      else this.open(wanted.doc).then(() => { this.go(wanted.page || 1); this.wrap.classList.add('open'); });
    } else {
      this.openLast(before);
      const [library, lit] = JSON.parse(sessionStorage.getItem('footnote:cite') ?? '[]');
      if (!before && library === data.library && this.cites[lit] && !this.cites[lit].gone) this.show(lit, {drawer: false});
    }
    this.markChips();
  }

  openLast(before) {
    if (this.doc) return;
    const last = before?.library === this.data.library || !before ? sessionStorage.getItem('footnote:doc') : null;
    this.open(this.papers.has(last) ? last : this.data.papers[0]?.id);
  }

  fillList() {
    const list = this.$('.doc');
    const names = JSON.stringify(this.data.papers.map(p => [p.id, p.title]));
    if (names === this.listed) return;
    this.listed = names;
    list.replaceChildren(...this.data.papers.map(paper => new Option(paper.title, paper.id)));
    list.value = this.doc ?? '';
  }

  prefetch() {
    for (const cite of Object.values(this.cites)) {
      const key = `${cite.doc} ${cite.page}`;
      if (cite.gone || !cite.n || this.prefetched.has(key) || this.prefetched.size > 60) continue;
      this.prefetched.add(key);
      new Image().src = this.image(cite.doc, cite.page, this.width());
      this.info(cite.doc);
    }
  }

  // ------------------------------------------------------------------------------------------------ footnotes

  clicked(event) {
    const key = keyOf(event.target);
    if (!key || !this.cites[key]) return;
    event.preventDefault();
    event.stopPropagation();
    this.show(key);
  }

  /** Open the page of a footnote and light its lines up. */
  show(key, {drawer = true} = {}) {
    const cite = this.cites[key];
    if (!cite) return;
    this.hideCard();
    this.cite = key;
    sessionStorage.setItem('footnote:cite', JSON.stringify([this.data.library, key]));
    this.markChips();
    if (cite.gone) { this.say(`${cite.says}. It said: ${cite.quote}`); return; }
    if (drawer) this.wrap.classList.add('open');
    if (this.doc === cite.doc) this.reveal(cite);
    else this.open(cite.doc).then(() => { if (this.cite === key && this.doc === cite.doc) this.reveal(cite); });
  }

  reveal(cite) {
    this.view.querySelectorAll('mark').forEach(mark => mark.remove());
    for (const page of new Set([cite.page, ...cite.boxes.map(box => box[0])])) if (this.pages[page - 1]) this.light(this.pages[page - 1]);
    if (NARROW.matches && this.zoomed < READABLE) this.zoom(READABLE / this.zoomed);
    const node = this.pages[cite.page - 1];
    if (!node) return;
    this.fill(node);
    this.centre(node, cite.boxes.filter(box => box[0] === cite.page));
    this.locate();
    this.say(`${cite.n ? `Footnote ${cite.n}` : 'Passage'}, ${cite.document}, page ${cite.page}: ${cite.quote}`);
  }

  /** Scroll so that the lit lines stand in the middle; where they do not fit, their beginning shows. */
  centre(node, boxes) {
    const {clientHeight, clientWidth} = this.view;
    const top = node.offsetHeight * Math.min(1, ...boxes.map(box => box[2])) * (boxes.length > 0);
    const height = boxes.length ? node.offsetHeight * Math.max(...boxes.map(box => box[4])) - top : clientHeight;
    this.view.scrollTop = node.offsetTop + top - Math.max(boxes.length ? 40 : 8, (clientHeight - height) / 2);
    const left = node.offsetWidth * Math.min(1, ...boxes.map(box => box[1])) * (boxes.length > 0);
    const width = boxes.length ? node.offsetWidth * Math.max(...boxes.map(box => box[3])) - left : 0;
    this.view.scrollLeft = node.offsetWidth > clientWidth ? node.offsetLeft + left - Math.max(12, (clientWidth - width) / 2) : 0;
  }

  say(text) { this.$('[role=status]').textContent = text; }

  clear() {
    this.unlight();
    this.wrap.classList.remove('open');
  }

  unlight() {
    this.hideCard();
    this.cite = null;
    sessionStorage.removeItem('footnote:cite');
    this.view.querySelectorAll('mark').forEach(mark => mark.remove());
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
      chip => this.cites[keyOf(chip)] && chip.checkVisibility());   // not those in a closed expander
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
    const cite = key && this.cites[key];
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
