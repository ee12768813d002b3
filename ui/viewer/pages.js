// One document as a column of pages: images from the server, an invisible text layer, marks over both. Pages far from
// the window are emptied again, so that a book of thousands costs no more than a leaflet.

const WIDTH_STEP = 300;   // image widths are rounded up to this, so that small resizes reuse what is cached
const MAX_WIDTH = 2400;
const KEPT_AROUND = '1200px 0px';
const make = (tag, className, text) => {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
};

class Pages {
  constructor(root) {
    this.root = root;
    this.$ = selector => root.querySelector(selector);
    this.view = this.$('.view');
    this.infos = new Map();     // document id -> promise of its info; its `ready` is the info itself
    this.papers = new Map();    // document id -> {id, name, at}
    this.cites = {};
    this.cite = null;           // key of the footnote that is lit
    this.zoomed = 1;
    this.page = 1;
    this.pages = [];
    this.watcher = new IntersectionObserver(
      entries => entries.forEach(e => (e.isIntersecting ? this.fill(e.target) : this.empty(e.target))),
      {root: this.view, rootMargin: KEPT_AROUND});
    this.darken(localStorage.getItem('footnote:paper') === 'dark');
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
    this.$('.doc').title = this.papers.get(id).name;
    sessionStorage.setItem('footnote:doc', id);
    this.view.scrollTop = (+sessionStorage.getItem(`footnote:at:${id}`) || 0) * this.view.scrollHeight;
    this.locate();
  }

  explain(text) {
    this.pages = [];
    this.doc = null;
    this.view.replaceChildren(make('p', 'note', text));
    this.$('.lab').textContent = this.$('.tot').textContent = '';
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
    const cite = this.cites[this.cite];
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
    this.$('.lab').textContent = label && label !== String(this.page) ? `page ${label} ·` : '';
    this.$('.tot').textContent = `of ${this.pages.length}`;
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
  }
}
