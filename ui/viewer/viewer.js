// The pages of PDFs beside the chat. Footnotes are plain links (#cite-<key>) anywhere in the app: a click is heard
// here, in the capture phase, so that no rerun of the Python side is needed and it works while an answer is written.
//
// data: {library, papers: [{id, name, title, at}], cites: {key: {n, doc, document, page, label, quote, verdict, says, gone,
//        source, boxes: [[page, x0, y0, x1, y1], ...], focus: as boxes, figure: null | [page, ...]}}, wanted: null | {nonce, doc, page} | {nonce, cite: key | null},
//        start: whether a new chat is shown}
// Boxes are fractions of the page, origin top left; pages count from 1. Keys are <answer>-<n>.

const viewers = new WeakMap();
class Viewer {
  constructor(root) {
    this.root = root;
    this.$ = selector => root.querySelector(selector);
    this.wrap = this.$('.wrap');
    this.ended = new AbortController();
    this.start = new Start(this.ended.signal);
    this.papers = new Papers();
    const pane = () => this.split.active;
    const say = text => this.say(text);
    this.cards = new Cards(root, this.papers);
    this.bar = new Bar(root, this.papers, {pane, say});
    this.find = new Find(this.$('.find'), this.papers, {pane, say, shown: is => this.$('[data-do="find"]').setAttribute('aria-expanded', is)});
    this.outline = new Outline(this.$('.outline'), this.papers, {pane, shown: is => this.$('[data-do="outline"]').setAttribute('aria-expanded', is)});
    this.split = new Split(this.$('.panes'), this.papers, {
      moved: moved => { if (moved === this.split?.active) { this.bar.moved(); this.outline.moved(); } },
      opened: opened => { if (!this.split || opened === this.split.active) this.opened(); },
      zoomed: () => this.split && this.bar.zoomed(),
      activated: () => this.opened(),
    });
    this.footnotes = new Footnotes({
      papers: this.papers, split: this.split, cards: this.cards, both: this.$('[data-do="both"]'), say,
      drawer: open => this.drawer(open), hint: text => this.bar.hint(text),
    });
    this.does = this.commands();
    this.darken(localStorage.getItem('footnote:paper') === 'dark');
    this.$('.single').checked = localStorage.getItem('footnote:keys') !== 'off';
    this.listen();
  }

  get pane() { return this.split.active; }

  commands() {
    return {
      outline: () => this.panel(this.outline),
      find: () => this.panel(this.find),
      before: () => this.pane.go(this.pane.page - 1),
      after: () => this.pane.go(this.pane.page + 1),
      'zoom-in': () => this.pane.zoom.in(),
      'zoom-out': () => this.pane.zoom.out(),
      'fit-width': () => this.pane.zoom.fitWidth(),
      'fit-page': () => this.pane.zoom.fitPage(),
      both: () => this.footnotes.showBoth(),
      dark: () => this.darken(!this.wrap.classList.contains('dark'), {kept: true}),
      menu: () => this.bar.menu(),
      keys: () => this.bar.keys(),
      'shut-keys': () => this.$('.keys').close(),
      'hit-before': () => this.find.step(-1),
      'hit-after': () => this.find.step(1),
      'shut-panel': () => { this.find.shut(); this.outline.shut(); this.pane.view.focus({preventScroll: true}); },
      drawer: () => this.drawer(true),
      shut: () => this.drawer(false),
    };
  }

  listen() {
    const on = (target, name, handle, options) =>
      target.addEventListener(name, handle, {signal: this.ended.signal, ...options});
    on(document, 'click', e => this.footnotes.clicked(e), {capture: true});
    listenForCopies(this.ended.signal);
    on(document, 'mouseover', e => this.footnotes.preview(e.target));
    on(document, 'focusin', e => this.footnotes.preview(e.target));
    on(document, 'scroll', () => this.cards.hide(), {capture: true, passive: true});
    on(document, 'keydown', e => pressed(this, e), {capture: true});
    on(document, 'selectionchange', () => {
      clearTimeout(this.selecting);
      this.selecting = setTimeout(() => this.cards.offer(this.$('.panes'), () => this.drawer(false)), 150);
    });
    on(this.root, 'click', e => {
      const command = e.target.closest?.('[data-do]')?.dataset.do;
      if (command) this.does[command]();
      if (this.bar.isMenuOpen && command !== 'menu' && !command?.startsWith('zoom-')) this.bar.menu(false);
    });
    on(this.root, 'keydown', e => { if (isTyping(e.target)) e.stopPropagation(); });   // letters typed here are no keys of the app
    on(this.wrap, 'pointerenter', () => { this.isUnderPointer = true; });
    on(this.wrap, 'pointerleave', () => { this.isUnderPointer = false; });
    on(document, 'pointerdown', e => { if (this.bar.isMenuOpen && !e.composedPath().includes(this.root)) this.bar.menu(false, {focus: false}); });
    on(this.$('.single'), 'change', e => localStorage.setItem('footnote:keys', e.target.checked ? 'on' : 'off'));
  }

  // ---------------------------------------------------------------------------------------------- from Python

  update(data) {
    const before = this.data;
    this.data = data;
    this.papers.update(data.papers);
    this.bar.fillList(data.papers);
    for (const pane of [...this.split.panes]) if (pane.doc && !this.papers.has(pane.doc)) this.forget(pane);   // removed meanwhile
    this.footnotes.update(data.library, data.cites);
    this.start.update(data.start);
    const wanted = data.wanted;
    if (wanted && wanted.nonce !== this.obeyed && wanted.nonce !== +sessionStorage.getItem('footnote:obeyed')) {
      this.obeyed = wanted.nonce;
      sessionStorage.setItem('footnote:obeyed', wanted.nonce);
      if (wanted.cite) this.footnotes.show(wanted.cite, {drawer: false});
      else if ('cite' in wanted) this.footnotes.unlight();
      if ('cite' in wanted) { this.openLast(before); this.showQuestion(wanted.cite); }   // a footnote's document may be gone
      else this.pane.open(wanted.doc).then(() => { this.pane.go(wanted.page || 1); this.drawer(true); });
    } else {
      this.openLast(before);
      const last = before ? null : this.footnotes.last();
      if (last) this.footnotes.show(last, {drawer: false});
    }
    this.footnotes.markChips();
  }

  /** Bring the question of a new answer into view: a long answer before it would keep it below the window. */
  showQuestion(key) {
    const headings = [...document.querySelectorAll('.fn-question')];
    const chip = key && document.querySelector(`a[href$="#cite-${key}"]`);
    const asked = chip ? headings.filter(heading => heading.compareDocumentPosition(chip) & 4).at(-1) : headings.at(-1);
    const main = document.querySelector('.stMain');
    if (!asked || !main) return;
    const top = asked.getBoundingClientRect().top, space = main.clientHeight;
    if (top < 60 || top > space * 0.6) main.scrollTop += top - 90;
  }

  openLast(before) {
    if (this.pane.doc || this.pane.isOpening) return;
    const last = before?.library === this.data.library || !before ? sessionStorage.getItem('footnote:doc') : null;
    this.pane.open(this.papers.has(last) ? last : this.data.papers[0]?.id);
  }

  forget(pane) {
    if (pane.cite?.key === this.footnotes.lit) this.footnotes.unlight();
    if (this.split.isSplit) this.split.close(pane); else pane.doc = pane.wanted = pane.cite = null;
  }

  // --------------------------------------------------------------------------------------------------- around

  /** Another document is shown, or another pane is the active one. */
  opened() {
    if (!this.split) return;
    if (this.pane.doc) sessionStorage.setItem('footnote:doc', this.pane.doc);
    this.bar.opened();
    this.outline.moved();
    this.find.moved();
    this.footnotes?.markChips();
  }

  say(text) { this.$('[role=status]').textContent = text; }

  /** On a phone the document is a drawer. */
  drawer(open) { this.wrap.classList.toggle('open', open); }

  get isShown() { return this.wrap.checkVisibility({visibilityProperty: true}); }

  openFind() {
    this.outline.shut();
    this.find.open();
  }

  panel(panel) {
    const other = panel === this.find ? this.outline : this.find;
    if (panel.isOpen) { this.does['shut-panel'](); return; }
    other.shut();
    panel.open();
  }

  darken(dark, {kept = false} = {}) {
    this.wrap.classList.toggle('dark', dark);
    this.$('[data-do="dark"]').setAttribute('aria-pressed', dark);
    if (kept) localStorage.setItem('footnote:paper', dark ? 'dark' : 'white');
  }

  destroy() {
    this.split.destroy();
    this.ended.abort();
    this.cards.hide();
  }
}

export default function ({data, parentElement}) {
  let viewer = viewers.get(parentElement);
  if (!viewer) viewers.set(parentElement, (viewer = new Viewer(parentElement)));
  viewer.update(data);
  return () => { viewer.destroy(); viewers.delete(parentElement); };
}
