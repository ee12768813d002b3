// The report card of a document: a cell a page, what was not read, and each page beside what was read of it.
//
// data: {doc, key: another one whenever the document is read, at, states: one letter a page,
//        labels: [printed number, ...] or [], words: [n, ...], sure: {page: 0..1}, reasons: [text, ...],
//        why: {page: number of its reason}, legend: [{state, letter, said, n}],
//        unread: [{state, n, reason, remedy, pages: [[first, last], ...]}], page: null | the page to open}

const LISTED = 24;   // runs of pages named where pages were not read
const cards = new WeakMap();
const counted = (n, one, many = `${one}s`) => `${n.toLocaleString('en')} ${n === 1 ? one : many}`;

class Card {
  constructor(root) {
    this.root = root;
    this.$ = selector => root.querySelector(selector);
    this.tip = this.$('.tip');
    this.grid = new Grid(this.$('.grid'), {
      open: page => this.sheet.open(page),
      hint: (page, node) => this.hint(page, node),
      unhint: () => { this.tip.hidden = true; },
    });
    this.sheet = new Sheet(root, {
      name: page => this.name(page),
      said: page => ({...this.state(page), said: `${this.manner(page)}${this.data.words[page - 1] ? ` · ${counted(this.data.words[page - 1], 'word')}` : ''}`}),
      moved: page => this.address(page),
      shut: page => { this.address(null); this.grid.focus(page); },
    });
    this.ended = new AbortController();
    addEventListener('scroll', () => { this.tip.hidden = true; }, {signal: this.ended.signal, capture: true, passive: true});
    this.$('.unread').addEventListener('click', event => {
      const page = event.target.closest('[data-page]')?.dataset.page;
      if (page) this.sheet.open(+page);
    });
  }

  update(data) {
    const isSame = JSON.stringify(data) === JSON.stringify(this.data);
    const isFirst = data.doc !== this.data?.doc;
    this.data = data;
    if (isSame) return;
    this.byLetter = new Map(data.legend.map(entry => [entry.letter, entry]));
    this.sheet.use({at: data.at, n: data.states.length, key: data.key});
    this.$('.count').textContent = `${counted(data.states.length, 'page')}, a cell each`;
    this.grid.show([...data.states].map((letter, i) => ({...this.byLetter.get(letter), name: `${this.name(i + 1)}: ${this.manner(i + 1)}`})));
    this.$('.legend').replaceChildren(...data.legend.filter(entry => entry.n).map(entry => {
      const item = make('li');
      item.append(make('span', `swatch ${entry.state}`, entry.letter), `${entry.said} `, make('b', '', entry.n.toLocaleString('en')));
      return item;
    }));
    this.showUnread(data.unread);
    if (isFirst && data.page) this.sheet.open(data.page);
  }

  showUnread(groups) {
    this.$('.unread').hidden = !groups.length;
    this.$('.unread ul').replaceChildren(...groups.map(group => {
      const item = make('li');
      const head = make('p');
      head.append(make('span', `swatch ${group.state}`, this.data.legend.find(entry => entry.state === group.state).letter), make('b', '', counted(group.n, 'page')), `: ${group.reason}`);
      const pages = make('p', 'pages');
      pages.append(...group.pages.slice(0, LISTED).map(([first, last]) => {
        const link = make('button', '', first === last ? this.name(first) : `PDF ${first}–${last}`);
        link.type = 'button';
        link.dataset.page = first;
        return link;
      }));
      const more = group.pages.slice(LISTED).reduce((n, [first, last]) => n + last - first + 1, 0);
      if (more) pages.append(make('span', '', `and ${counted(more, 'more page')}: see the cells`));
      item.append(head, pages);
      if (group.remedy) item.append(make('p', 'remedy', group.remedy));
      return item;
    }));
  }

  // --------------------------------------------------------------------------------------------------- of a page

  state(page) { return this.byLetter.get(this.data.states[page - 1]); }

  /** How a page is called: by its printed number, with the PDF's own where the two differ. */
  name(page) {
    const label = this.data.labels[page - 1];
    return label && label !== String(page) ? `p. ${label} (PDF ${page})` : `p. ${page}`;
  }

  manner(page) {
    const {state, said} = this.state(page);
    if (state === 'ocr' && page in this.data.sure) return `${said}, ${Math.round(100 * this.data.sure[page])} % sure`;
    return page in this.data.why && state !== 'empty' ? `not read: ${this.data.reasons[this.data.why[page]]}` : said;
  }

  hint(page, node) {
    this.tip.textContent = `${this.name(page)}: ${this.manner(page)}`;
    this.tip.hidden = false;
    const cell = node.getBoundingClientRect(), own = this.tip.getBoundingClientRect();
    const left = Math.max(8, Math.min(innerWidth - own.width - 8, cell.left + cell.width / 2 - own.width / 2));
    const top = cell.top - own.height - 6 > 60 ? cell.top - own.height - 6 : cell.bottom + 6;
    this.tip.style.cssText = `left:${left}px;top:${top}px`;
  }

  /** Let the address name the page that is open, so that it can be kept or sent. */
  address(page) {
    const here = new URL(location.href);
    if (page) here.searchParams.set('page', page); else here.searchParams.delete('page');
    history.replaceState(history.state, '', here);
  }

  destroy() {
    this.ended.abort();
    this.grid.destroy();
  }
}

export default function ({data, parentElement}) {
  let card = cards.get(parentElement);
  if (!card) cards.set(parentElement, (card = new Card(parentElement)));
  card.update(data);
  return () => { card.destroy(); cards.delete(parentElement); };
}
