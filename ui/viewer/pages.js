// One document as a column of pages: images from the server, an invisible text layer, marks over both. Pages far from
// the window are emptied again, so that a book of thousands costs no more than a leaflet.

const WIDTH_STEP = 300;   // image widths are rounded up to this, so that small resizes reuse what is cached
const MAX_WIDTH = 2400;
const KEPT_AROUND = '1200px 0px';
const LIT = 'mark, .focus, .figure';
const WHOLE = [0, 0, 1, 1];

/** An element over a part of a page, or of the piece `shown` of it. */
function placed(tag, className, [x0, y0, x1, y1], [left, top, right, foot] = WHOLE) {
  const node = make(tag, className);
  const across = 100 / (right - left);
  const down = 100 / (foot - top);
  node.style.cssText = `left:${across * (x0 - left)}%;width:${across * (x1 - x0)}%;top:${down * (y0 - top)}%;height:${down * (y1 - y0)}%`;
  return node;
}

/** The lines of a footnote, and stronger what answers in them. Boxes are [page, x0, y0, x1, y1]. */
const lit = (boxes, focus, shown) => [
  ...boxes.map(([, ...box]) => placed('mark', '', box, shown)),
  ...focus.map(([, ...box]) => placed('span', 'focus', box, shown)),
];
const outlined = ([, ...box]) => placed('span', 'figure', box);

class Pages {
  /** tell: {moved(pages), opened(pages)}: called when another page stands in the middle, when a document is laid out. */
  constructor(papers, tell) {
    this.papers = papers;
    this.tell = tell;
    this.node = make('section', 'pane');
    this.head = make('header', 'head');
    this.name = make('b');
    this.where = make('span');
    this.shut = make('button', '', '×');
    this.shut.type = 'button';
    this.head.append(this.name, this.where, this.shut);
    this.view = make('div', 'view');
    this.view.tabIndex = 0;
    this.view.setAttribute('role', 'region');
    this.node.append(this.head, this.view);
    this.doc = null;
    this.cite = null;           // the footnote whose lines are lit: {doc, page, boxes, focus, figure}
    this.found = new Map();     // page -> [[number of the hit, box], ...]
    this.hit = -1;
    this.sent = NaN;            // where the window stood when a page was gone to
    this.page = 1;
    this.pages = [];
    this.labels = [];
    this.scanned = new Set();   // pages that were read by OCR
    this.watcher = new IntersectionObserver(
      entries => entries.forEach(e => (e.isIntersecting ? this.fill(e.target) : this.empty(e.target))),
      {root: this.view, rootMargin: KEPT_AROUND});
    this.sizer = new ResizeObserver(() => this.resized());
    this.sizer.observe(this.view);
    this.view.addEventListener('scroll', () => { clearTimeout(this.scrolling); this.scrolling = setTimeout(() => this.locate(), 60); }, {passive: true});
    this.nameRegion();
  }

  // ------------------------------------------------------------------------------------------------ documents

  /** Show a document; done at once, without a promise in between, when its sizes are known. */
  open(id) {
    if (!id || !this.papers.has(id)) { this.explain('Drop in a PDF, and its pages will show here.'); return Promise.resolve(); }
    this.wanted = id;
    if (id === this.doc) return Promise.resolve();
    const asked = this.papers.info(id);
    this.isOpening = !asked.ready;
    if (asked.ready) { this.layOut(id, asked.ready); return Promise.resolve(); }
    return asked.then(
      info => { if (this.wanted === id) { this.isOpening = false; this.layOut(id, info); } },
      () => { if (this.wanted === id) { this.isOpening = false; this.wanted = null; this.explain('This document cannot be shown. Reload the page; if that does not help, look at the Library.'); } });
  }

  layOut(id, info) {
    this.doc = id;
    this.labels = info.labels;
    this.scanned = new Set(info.ocr);
    this.found = new Map();
    this.sent = NaN;
    this.watcher.disconnect();
    this.pages = info.sizes.map(([width, height], i) => {
      const node = make('div', 'page');
      node.dataset.n = i + 1;
      node.style.cssText = `aspect-ratio:${width} / ${height};--r:${(width / height).toFixed(5)}`;
      return node;
    });
    this.view.replaceChildren(...this.pages);
    if (!this.pages.length) this.explain('This document has no pages that can be shown yet.', id);
    this.pages.forEach(node => this.watcher.observe(node));
    this.nameRegion();
    this.view.scrollTop = (+sessionStorage.getItem(`footnote:at:${id}`) || 0) * this.view.scrollHeight;
    this.locate();
    this.tell.opened(this);
  }

  explain(text, doc = null) {
    this.pages = [];
    this.labels = [];
    this.doc = doc;
    this.view.replaceChildren(make('p', 'note', text));
    this.nameRegion();
    this.tell.opened(this);
  }

  nameRegion() {
    const paper = this.papers.get(this.doc);
    this.name.textContent = paper?.title ?? '';
    this.head.title = paper?.name ?? '';
    this.shut.setAttribute('aria-label', `Close ${paper?.title ?? 'this document'}`);
    this.shut.title = 'Close this one';
    this.view.setAttribute('aria-label', paper ? `Pages of ${paper.title}` : 'Pages of the document');
  }

  // ---------------------------------------------------------------------------------------------------- pages

  /** Width of an image, in pixels of the screen, for a page as wide as this one is now. */
  width(node = this.pages[this.page - 1]) {
    const shown = node?.offsetWidth || this.view.clientWidth - 32 || 600;
    return Math.min(MAX_WIDTH, Math.ceil((shown * devicePixelRatio) / WIDTH_STEP) * WIDTH_STEP);
  }

  fill(node) {
    if (node.querySelector('img')) return;
    const image = this.picture(node);
    node.prepend(image);
    if (!node.querySelector(LIT)) this.light(node);
    this.papers.text(this.doc, node.dataset.n).then(text => {
      if (!text || !node.contains(image)) return;
      const layer = new DOMParser().parseFromString(text, 'image/svg+xml').documentElement;
      layer.classList.add('text');
      node.append(document.importNode(layer, true));
    }).catch(() => {});   // the page can be read without it
  }

  picture(node) {
    const image = new Image();
    image.alt = `Page ${pageName(this.labels, +node.dataset.n, this.scanned)}`;
    image.draggable = false;
    image.dataset.width = this.width(node);
    image.src = this.papers.image(this.doc, node.dataset.n, image.dataset.width);
    return image;
  }

  empty(node) { node.replaceChildren(); }

  /** Fetch sharper images where pages have grown; the old ones stay, stretched, until those are there. */
  sharpen() {
    for (const node of this.pages) {
      const old = node.querySelector('img');
      if (!old || +old.dataset.width >= this.width(node)) continue;
      const image = this.picture(node);
      image.decode().then(() => { if (node.contains(old)) old.replaceWith(image); }, () => {});
    }
  }

  light(node) {
    node.querySelectorAll(LIT).forEach(mark => mark.remove());
    const number = +node.dataset.n;
    if (this.cite?.doc === this.doc) {
      const {boxes, focus, figure} = this.cite;
      node.append(...lit(boxes.filter(box => box[0] === number), focus.filter(box => box[0] === number)));
      if (figure?.[0] === number) node.append(outlined(figure));
    }
    for (const [hit, box] of this.found.get(number) ?? []) {
      node.append(placed('mark', hit === this.hit ? 'found now' : 'found', box));
    }
  }

  /** Draw all marks anew, on the pages that are shown and on this one. */
  relight(also) {
    for (const node of this.pages) if (node.firstChild || node === also) this.light(node);
  }

  // --------------------------------------------------------------------------------------------------- places

  go(number) {
    if (!this.pages.length) return;
    const node = this.pages[Math.max(1, Math.min(this.pages.length, number)) - 1];
    this.view.scrollTop = node.offsetTop - 8;
    this.locate(+node.dataset.n);
  }

  /** Bring boxes of a page into the window and draw them. */
  reveal(page, boxes, figure) {
    const node = this.pages[page - 1];
    if (!node) return;
    this.relight(node);
    this.fill(node);
    const here = boxes.filter(box => box[0] === page);
    const both = figure?.[0] === page ? [...here, figure] : here;
    this.centre(node, this.fits(node, both) ? both : here);
    this.locate(page);
  }

  /** Scroll so that the boxes stand in the middle; where they do not fit, their beginning shows. */
  centre(node, boxes) {
    const {clientHeight, clientWidth} = this.view;
    const top = node.offsetHeight * Math.min(1, ...boxes.map(box => box[2])) * (boxes.length > 0);
    const height = boxes.length ? node.offsetHeight * Math.max(...boxes.map(box => box[4])) - top : clientHeight;
    this.view.scrollTop = node.offsetTop + top - Math.max(boxes.length ? 40 : 8, (clientHeight - height) / 2);
    const left = node.offsetWidth * Math.min(1, ...boxes.map(box => box[1])) * (boxes.length > 0);
    const width = boxes.length ? node.offsetWidth * Math.max(...boxes.map(box => box[3])) - left : 0;
    this.view.scrollLeft = node.offsetWidth > clientWidth ? node.offsetLeft + left - Math.max(12, (clientWidth - width) / 2) : 0;
  }

  fits(node, boxes) {
    const height = Math.max(...boxes.map(box => box[4])) - Math.min(...boxes.map(box => box[2]));
    return boxes.length > 0 && height * node.offsetHeight < this.view.clientHeight - 40;
  }

  /** The page under a height of the window: 0 is the first. */
  at(y) {
    const top = this.view.scrollTop + y;
    let low = 0;
    let high = this.pages.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.pages[middle].offsetTop <= top) low = middle; else high = middle - 1;
    }
    return low;
  }

  /** What is under a point of the window, so that `put` can bring it back there after pages have grown or shrunk. */
  spot(x = this.view.clientWidth / 2, y = this.view.clientHeight / 3) {
    const node = this.pages[this.at(y)];
    if (!node) return null;
    return {node, x, y, across: (x + this.view.scrollLeft - node.offsetLeft) / node.offsetWidth, down: (y + this.view.scrollTop - node.offsetTop) / node.offsetHeight};
  }

  put(spot) {
    if (!spot?.node.isConnected) return;
    const {node, x, y, across, down} = spot;
    this.view.scrollTop = node.offsetTop + down * node.offsetHeight - y;
    this.view.scrollLeft = node.offsetLeft + across * node.offsetWidth - x;
  }

  resized() {
    if (!this.pages.length || !this.view.clientWidth) return;
    const size = `${this.view.clientWidth} ${this.view.clientHeight}`;
    if (size === this.size) return;
    const stays = this.isWhereSent ? this.page : null;
    if (this.size) this.put(this.kept && {...this.kept, x: this.view.clientWidth / 2, y: this.view.clientHeight / 3});
    this.size = size;
    this.locate(stays);
    clearTimeout(this.sharpening);
    this.sharpening = setTimeout(() => this.sharpen(), 200);
  }

  /** Tell which page is looked at: the one that was gone to, until it is scrolled away from. */
  locate(sent = null) {
    if (!this.pages.length) return;
    if (sent) this.sent = this.view.scrollTop;
    if (sent || !this.isWhereSent) this.page = sent ?? this.at(this.view.clientHeight / 3) + 1;
    this.kept = this.spot();
    this.where.textContent = pageName(this.labels, this.page, this.scanned);
    sessionStorage.setItem(`footnote:at:${this.doc}`, this.view.scrollTop / this.view.scrollHeight);
    this.tell.moved(this);
  }

  get isWhereSent() { return Math.abs(this.view.scrollTop - this.sent) < 2; }

  destroy() {
    this.watcher.disconnect();
    this.sizer.disconnect();
    this.node.remove();
  }
}
