// What the server tells about documents: sizes and printed numbers, images, outline, where words stand. Each document
// is asked once; what was told is kept.

const make = (tag, className, text) => {
  const node = document.createElement(tag);
  if (className) node.className = className;
  if (text !== undefined) node.textContent = text;
  return node;
};
const counted = (n, one, many = `${one}s`) => `${n.toLocaleString('en')} ${n === 1 ? one : many}`;
const READ_BY_OCR = 'read by OCR';
const json = answer => (answer.ok ? answer.json() : Promise.reject(new Error(answer.status)));

class Papers {
  constructor() {
    this.all = new Map();        // document id -> {id, name, title, at, key: another one whenever it is read}
    this.infos = new Map();      // document id -> promise of {name, title, sizes, labels, ocr}; its `ready` is that itself
    this.outlines = new Map();   // document id -> promise of [{level, title, page}]
    this.waiting = [];           // images to fetch when nothing else is: addresses
    this.fetched = new Set();
    this.fetching = 0;
  }

  update(papers) {
    for (const {id, key} of papers) {
      if (this.all.has(id) && this.all.get(id).key !== key) { this.infos.delete(id); this.outlines.delete(id); }
    }
    this.all = new Map(papers.map(paper => [paper.id, paper]));
  }

  has(id) { return this.all.has(id); }

  get(id) { return this.all.get(id); }

  info(id) {
    if (!this.infos.has(id)) {
      const asked = fetch(`${this.get(id).at}/info`).then(json);
      asked.then(info => { asked.ready = info; }, () => this.infos.delete(id));
      this.infos.set(id, asked);
    }
    return this.infos.get(id);
  }

  /** What is known already of a document; undefined while nothing is. */
  known(id) { return this.infos.get(id)?.ready; }

  outline(id) {
    if (!this.outlines.has(id)) {
      const asked = fetch(`${this.get(id).at}/outline`).then(json);
      asked.catch(() => this.outlines.delete(id));
      this.outlines.set(id, asked);
    }
    return this.outlines.get(id);
  }

  find(id, words, signal) { return fetch(`${this.get(id).at}/find?q=${encodeURIComponent(words)}`, {signal}).then(json); }

  text(id, page) { return fetch(`${this.get(id).at}/text/${page}`).then(r => (r.ok ? r.text() : '')); }

  image(id, page, width, clip) { return `${this.get(id).at}/page/${page}?w=${width}${clip ? `&clip=${clip}` : ''}`; }

  /** Fetch the image of a page before it is asked for: two at a time, after all that is being looked at. */
  prefetch(id, page, width) {
    if (!this.has(id)) return;
    this.info(id).catch(() => {});
    const address = this.image(id, page, width);
    if (this.fetched.has(address)) return;
    this.fetched.add(address);
    this.waiting.push(address);
    this.fetchNext();
  }

  fetchNext() {
    if (this.fetching >= 2 || !this.waiting.length) return;
    this.fetching += 1;
    const image = new Image();
    image.fetchPriority = 'low';
    image.onload = image.onerror = () => { this.fetching -= 1; this.fetchNext(); };
    image.src = this.waiting.shift();
  }
}

/** How a page is called: by its printed number, with the PDF's own where the two differ. scanned: pages read by OCR. */
function pageName(labels, page, scanned) {
  const label = labels?.[page - 1];
  const name = label && label !== String(page) ? `p. ${label} · PDF ${page}` : `p. ${page}`;
  return scanned?.has(page) ? `${name} · ${READ_BY_OCR}` : name;
}

/** The page that was typed: {page, note}, or {note} when there is none.
 *
 * Digits mean the printed number where exactly one page bears it, else the page of the PDF; `#57` and `PDF 57` always
 * mean the latter. Other labels (iv, A-3) mean the first page that bears them. */
function pageTyped(typed, labels) {
  const n = labels.length;
  const text = typed.trim().replace(/^(?:pages?|p\.?)\s+(?=\S)/i, '').replace(/^p\.(?=\S)/i, '');
  const forced = /^(?:#|pdf)\s*(\d+)$/i.exec(text);
  const within = page => (page >= 1 && page <= n ? {page} : {note: `There is no PDF page ${page}: the document has ${counted(n, 'page')}.`});
  if (forced) return within(+forced[1]);
  const bearing = wanted => labels.flatMap((label, i) => (label && wanted(label) ? [i + 1] : []));
  let pages = bearing(label => label === text);
  if (!pages.length) pages = bearing(label => label.toLowerCase() === text.toLowerCase());
  if (pages.length === 1) return {page: pages[0]};
  if (/^\d+$/.test(text)) {
    const found = within(+text);
    return pages.length && found.page ? {...found, note: `${pages.length} pages are numbered ${text}: this is PDF page ${text}.`} : found;
  }
  if (pages.length) return {page: pages[0], note: `${pages.length} pages are numbered ${text}: this is the first.`};
  return {note: `There is no page “${text}”. Type a printed number, or # and the PDF’s own.`};
}
