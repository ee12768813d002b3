// The grid: a cell a page, in rows of tens that fit the window. One cell at a time can be reached with Tab; arrow keys
// move between cells, as in a table.

const LEAST = 25;    // pixels from cell to cell
const MOST = 34;
const HEAD = 46;     // of the numbers before the rows
const WIDEST = 50;   // cells a row

class Grid {
  /** tell: {open(page), hint(page, node), unhint()} */
  constructor(node, tell) {
    this.node = node;
    this.tell = tell;
    this.cells = [];
    this.current = 1;
    this.sizer = new ResizeObserver(() => this.fit());
    this.sizer.observe(node);
    const pageOf = event => +(event.target.closest?.('button')?.dataset.page ?? 0);
    node.addEventListener('click', event => { if (pageOf(event)) { this.reach(pageOf(event)); tell.open(this.current); } });
    node.addEventListener('focusin', event => { if (pageOf(event)) { this.reach(pageOf(event)); tell.hint(this.current, event.target); } });
    node.addEventListener('focusout', () => tell.unhint());
    node.addEventListener('pointerover', event => { if (pageOf(event)) tell.hint(pageOf(event), event.target); else tell.unhint(); });
    node.addEventListener('pointerleave', () => tell.unhint());
    node.addEventListener('keydown', event => this.pressed(event));
  }

  /** Show cells: [{letter, state, name}], the first one is page 1. */
  show(cells) {
    this.current = Math.min(this.current, cells.length) || 1;
    this.cells = cells.map(({letter, state, name}, i) => {
      const cell = make('button', state, letter);
      cell.type = 'button';
      cell.tabIndex = i + 1 === this.current ? 0 : -1;
      cell.dataset.page = i + 1;
      cell.setAttribute('aria-label', name);
      return cell;
    });
    this.perRow = 0;
    this.fit();
  }

  /** Put the cells in rows; anew only when another number of them fits. */
  fit() {
    const space = this.node.clientWidth - HEAD;
    if (space <= 0 || !this.cells.length) return;
    const perRow = Math.min(WIDEST, Math.max(10, Math.floor(space / LEAST / 10) * 10));
    this.node.style.setProperty('--cell', `${Math.min(MOST, Math.floor(space / perRow))}px`);
    if (perRow === this.perRow) return;
    this.perRow = perRow;
    const held = this.node.contains(this.node.getRootNode().activeElement);
    const rows = [];
    for (let first = 0; first < this.cells.length; first += perRow) {
      const row = make('div', 'row');
      row.setAttribute('role', 'row');
      const head = make('span', 'head', String(first + 1));
      head.setAttribute('role', 'rowheader');
      row.append(head, ...this.cells.slice(first, first + perRow).map(cell => {
        const place = make('span');
        place.setAttribute('role', 'gridcell');
        place.append(cell);
        return place;
      }));
      rows.push(row);
    }
    this.node.replaceChildren(...rows);
    if (held) this.focus(this.current);
  }

  /** Make a page the one that Tab reaches. */
  reach(page) {
    if (this.cells[this.current - 1]) this.cells[this.current - 1].tabIndex = -1;
    this.current = page;
    this.cells[page - 1].tabIndex = 0;
  }

  focus(page) {
    if (!this.cells[page - 1]) return;
    this.reach(page);
    this.cells[page - 1].focus();
  }

  pressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const n = this.cells.length, at = this.current - 1, row = at - (at % this.perRow);
    const to = {
      ArrowLeft: at - 1, ArrowRight: at + 1, ArrowUp: at - this.perRow, ArrowDown: at + this.perRow,
      Home: row, End: Math.min(n, row + this.perRow) - 1, PageUp: at - 10 * this.perRow, PageDown: at + 10 * this.perRow,
    }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const isFar = event.key.startsWith('Page');
    if (to >= 0 && to < n) this.focus(to + 1);
    else if (isFar) this.focus(to < 0 ? (at % this.perRow) + 1 : n);
    else if (event.key === 'ArrowDown' && row + this.perRow < n) this.focus(n);   // the last row is shorter
  }

  destroy() { this.sizer.disconnect(); }
}
