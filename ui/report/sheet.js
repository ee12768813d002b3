// A page beside what was read of it: the words' places lie over the picture; pointing at a block of the text, or at its
// place in the picture, lights both.

class Sheet {
  /** tell: {name(page), said(page), moved(page), shut(page)}: how pages are called and were read; what happened. */
  constructor(root, tell) {
    this.tell = tell;
    this.$ = selector => root.querySelector(selector);
    this.node = this.$('.sheet');
    this.picture = this.$('.picture');
    this.read = this.$('.read');
    this.pages = new Map();   // page -> promise of what was read of it
    this.page = 0;
    const does = {before: () => this.go(this.page - 1), after: () => this.go(this.page + 1), shut: () => this.shut()};
    this.node.addEventListener('click', event => {
      const command = event.target.closest?.('[data-do]')?.dataset.do;
      if (command) does[command]();
      else if (event.target === this.node) this.shut();   // beside it
    });
    this.node.addEventListener('keydown', event => this.pressed(event));
    this.node.addEventListener('cancel', event => { event.preventDefault(); this.shut(); });   // Escape, the way back
    this.node.addEventListener('close', () => { if (!this.node.open) this.left(); });
    this.$('.sheet input').addEventListener('change', event => this.node.classList.toggle('bare', !event.target.checked));
    for (const [side, other] of [[this.picture, this.read], [this.read, this.picture]]) {
      side.addEventListener('pointerover', event => this.pointAt(blockOf(event)));
      side.addEventListener('pointerleave', () => this.pointAt(this.kept));
      side.addEventListener('click', event => this.keep(blockOf(event), other));
    }
  }

  /** Begin with another document, or with the same one that was read again. */
  use({at, n, key}) {
    if (at === this.at && n === this.n && key === this.key) return;
    this.at = at;
    this.n = n;
    this.key = key;
    this.pages.clear();
    if (this.node.open) this.node.close();
  }

  open(page) {
    if (!this.node.open) this.node.showModal();
    this.isShown = true;
    this.go(page);
    this.$('#sheet-name').focus();
  }

  /** Close. The focus leaves for the page that was looked at last in the same instant: the browser tells of `close`
      later, and a key that is pressed until then would go to where the sheet was opened from. */
  shut() {
    this.node.close();
    this.left();
  }

  /** Tell once that the sheet is closed, whoever closed it. */
  left() {
    if (!this.isShown) return;
    this.isShown = false;
    this.pointAt(null);
    this.tell.shut(this.page);
  }

  go(page) {
    if (page < 1 || page > this.n) return;
    this.page = page;
    this.kept = null;
    const held = this.node.getRootNode().activeElement;
    this.$('[data-do=before]').disabled = page === 1;
    this.$('[data-do=after]').disabled = page === this.n;
    if (held?.disabled) this.$('#sheet-name').focus();   // or the keys would go nowhere
    this.$('#sheet-name').textContent = this.tell.name(page);
    const {letter, state, said} = this.tell.said(page);
    this.$('.said').replaceChildren(make('span', `swatch ${state}`, letter), said);
    this.$('[role=status]').textContent = `${this.tell.name(page)}: ${said}`;
    this.tell.moved(page);
    this.fetched(page).then(
      told => { if (this.page === page) this.show(page, told); },
      () => { if (this.page === page) this.fail(page); });
  }

  fetched(page) {
    if (!this.pages.has(page)) {
      const asked = fetch(`${this.at}/read/${page}`).then(answer => (answer.ok ? answer.json() : Promise.reject(new Error(answer.status))));
      asked.catch(() => this.pages.delete(page));
      this.pages.set(page, asked);
    }
    return this.pages.get(page);
  }

  show(page, told) {
    const paper = make('div', 'page');
    paper.style.aspectRatio = `${told.width} / ${told.height}`;
    const image = this.image(page);
    image.alt = `The picture of ${this.tell.name(page)}`;
    image.addEventListener('load', () => this.lookAhead(page), {once: true});
    paper.append(image, wordMarks(told.blocks, told.figures));
    this.picture.replaceChildren(paper);
    this.picture.scrollTop = this.read.scrollTop = 0;
    const blocks = blockNodes(told.blocks);
    const notes = [told.why && `${capital(told.why)}.`, told.remedy].filter(Boolean);
    if (!notes.length && !blocks.length) notes.push('Nothing was read of this page.');
    if (notes.length) {
      const note = make('div', 'note');
      note.append(...notes.map(text => make('p', '', text)));
      if (blocks.length) blocks.unshift(make('p', 'aside', 'What the file itself gives for its letters:'));
      blocks.unshift(note);
    }
    this.read.replaceChildren(...blocks);
  }

  fail(page) {
    this.picture.replaceChildren();
    this.read.replaceChildren(make('p', 'note', `${this.tell.name(page)} cannot be shown. Reload the page; if that does not help, look at the Library.`));
  }

  image(page) {
    const image = new Image();
    image.src = `${this.at}/page/${page}?w=1200`;
    return image;
  }

  /** Fetch the pages on either side, so that the arrows do not wait. */
  lookAhead(page) {
    for (const near of [page + 1, page - 1]) {
      if (this.page !== page || near < 1 || near > this.n) continue;
      this.fetched(near).catch(() => {});
      this.image(near).fetchPriority = 'low';
    }
  }

  pointAt(block) {
    if (block === this.pointed) return;
    this.pointed = block;
    for (const node of this.node.querySelectorAll('.lit')) node.classList.remove('lit');
    if (block !== null) for (const node of this.node.querySelectorAll(`[data-block="${block}"]`)) node.classList.add('lit');
  }

  /** Keep a block lit that was clicked, and bring it into view on the other side. */
  keep(block, other) {
    this.kept = block;
    this.pointAt(block);
    if (block !== null) other.querySelector(`[data-block="${block}"]`)?.scrollIntoView({block: 'nearest', inline: 'nearest'});
  }

  pressed(event) {
    event.stopPropagation();   // letters typed here are no keys of the app
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.tagName === 'INPUT') return;
    if (event.key === 'ArrowLeft') this.go(this.page - 1);
    else if (event.key === 'ArrowRight') this.go(this.page + 1);
    else return;
    event.preventDefault();
  }
}

const blockOf = event => event.target.closest?.('[data-block]')?.dataset.block ?? null;
const capital = text => text.charAt(0).toUpperCase() + text.slice(1);
